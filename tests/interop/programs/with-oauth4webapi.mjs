// oauth4webapi, which checks each answer against its RFC to the letter.
import * as oauth from 'oauth4webapi'
import { codeOf, converse } from './conversation.mjs'

const loopback = { [oauth.allowInsecureRequests]: true } // http, on this machine only

async function authentication(task) {
  if (task.auth === 'none') return oauth.None()
  if (task.auth === 'client_secret_basic') return oauth.ClientSecretBasic(task.client_secret)
  if (task.auth === 'client_secret_post') return oauth.ClientSecretPost(task.client_secret)
  const { kid, ...jwk } = task.key
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return oauth.PrivateKeyJwt({ key, kid })
}

/** Verifies an access token, and the key that it is bound to, in a request to an API. */
async function asAnApiReadsIt(as, token, task, shown) {
  let request
  const api = (url, options) => {
    request = new Request(url, options)
    return new Response('{}')
  }
  const address = new URL(task.audience)
  await oauth.protectedResourceRequest(token, 'GET', address, undefined, undefined, { ...shown, [oauth.customFetch]: api })
  return oauth.validateJwtAccessToken(as, request, task.audience, { ...loopback, requireDPoP: task.strict })
}

await converse(async (task, visit) => {
  const issuer = new URL(task.issuer)
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...loopback })
  const as = await oauth.processDiscoveryResponse(issuer, found)
  const client = { client_id: task.client_id }
  const auth = await authentication(task)
  // A token of the strict issuer is nothing without a key (FAPI 2.0): requests show it.
  const shown = { ...loopback }
  if (task.strict) shown.DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const asked = async (request, process) => {
    try {
      return await process(await request())
    } catch (error) {
      if (!oauth.isDPoPNonceError(error)) throw error
      return process(await request()) // with the nonce that came along (RFC 9449 section 8)
    }
  }

  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const withIdToken = task.scope.split(' ').includes('openid')
  const nonce = withIdToken ? oauth.generateRandomNonce() : undefined
  const question = new URLSearchParams({
    response_type: 'code',
    client_id: task.client_id,
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    state,
    ...(withIdToken && { nonce }),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const address = new URL(as.authorization_endpoint)
  address.search = question
  if (task.strict) {
    const { request_uri } = await asked(
      () => oauth.pushedAuthorizationRequest(as, client, auth, question, shown),
      (answer) => oauth.processPushedAuthorizationResponse(as, client, answer),
    )
    address.search = new URLSearchParams({ client_id: task.client_id, request_uri })
  }
  const parameters = oauth.validateAuthResponse(as, client, await visit(address), state)
  const redeem = () =>
    asked(
      () => oauth.authorizationCodeGrantRequest(as, client, auth, parameters, task.redirect_uri, verifier, shown),
      async (answer) => {
        const checks = { expectedNonce: nonce, requireIdToken: withIdToken }
        const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, checks)
        if (withIdToken) await oauth.validateApplicationLevelSignature(as, answer, loopback)
        return tokens
      },
    )
  const refresh = (token) =>
    asked(
      () => oauth.refreshTokenGrantRequest(as, client, auth, token, shown),
      (answer) => oauth.processRefreshTokenResponse(as, client, answer),
    )
  const introspect = async (token) => {
    if (task.auth === 'none') return null // who proves nothing is told of no token
    return oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth, token, loopback))
  }

  const tokens = await redeem()
  if (task.twice) return { again: await redeem().catch(codeOf), inactive: await introspect(tokens.access_token) }
  const claims = await asAnApiReadsIt(as, tokens.access_token, task, shown)
  const user = await asked(
    () => oauth.userInfoRequest(as, client, tokens.access_token, shown),
    (answer) => oauth.processUserInfoResponse(as, client, claims.sub, answer),
  )
  const introspected = await introspect(tokens.access_token)
  const refreshed = await refresh(tokens.refresh_token)
  const last = refreshed.refresh_token ?? tokens.refresh_token
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, last, loopback))
  return {
    tokens,
    id_claims: oauth.getValidatedIdTokenClaims(tokens),
    claims,
    user,
    introspected,
    refreshed,
    afterwards: await refresh(tokens.refresh_token).catch(codeOf),
    inactive: await introspect(refreshed.access_token),
  }
})
