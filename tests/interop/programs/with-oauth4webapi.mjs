// oauth4webapi, which checks each answer against its RFC to the letter.
import * as oauth from 'oauth4webapi'
import { codeOf, converse } from './conversation.mjs'

const loopback = { [oauth.allowInsecureRequests]: true } // http, on this machine only

async function authentication(task) {
  if (task.auth === 'client_secret_basic') return oauth.ClientSecretBasic(task.client_secret)
  if (task.auth === 'client_secret_post') return oauth.ClientSecretPost(task.client_secret)
  const { kid, ...jwk } = task.key
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return oauth.PrivateKeyJwt({ key, kid })
}

await converse(async (task, visit) => {
  const issuer = new URL(task.issuer)
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...loopback })
  const as = await oauth.processDiscoveryResponse(issuer, found)
  const client = { client_id: task.client_id }
  const auth = await authentication(task)

  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const nonce = oauth.generateRandomNonce()
  const address = new URL(as.authorization_endpoint)
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: task.client_id,
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })
  const parameters = oauth.validateAuthResponse(as, client, await visit(address), state)
  const redeem = async () => {
    const checks = { expectedNonce: nonce, requireIdToken: true }
    const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, task.redirect_uri, verifier, loopback)
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, checks)
    await oauth.validateApplicationLevelSignature(as, answer, loopback)
    return tokens
  }
  const refresh = async (token) =>
    oauth.processRefreshTokenResponse(as, client, await oauth.refreshTokenGrantRequest(as, client, auth, token, loopback))
  const introspect = async (token) =>
    oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth, token, loopback))

  const tokens = await redeem()
  if (task.twice) return { again: await redeem().catch(codeOf), inactive: await introspect(tokens.access_token) }
  const request = new Request(task.audience, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  const claims = await oauth.validateJwtAccessToken(as, request, task.audience, loopback) // as an API does it
  const answer = await oauth.userInfoRequest(as, client, tokens.access_token, loopback)
  const user = await oauth.processUserInfoResponse(as, client, claims.sub, answer)
  const introspected = await introspect(tokens.access_token)
  const refreshed = await refresh(tokens.refresh_token)
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, tokens.refresh_token, loopback))
  return {
    tokens,
    id_claims: oauth.getValidatedIdTokenClaims(tokens),
    user,
    introspected,
    refreshed,
    afterwards: await refresh(tokens.refresh_token).catch(codeOf),
    inactive: await introspect(refreshed.access_token),
  }
})
