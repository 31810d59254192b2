// openid-client, the certified one that most programs on Node use.
import * as client from 'openid-client'
import { codeOf, converse } from './conversation.mjs'

async function authentication(task) {
  if (task.auth === 'none') return client.None()
  if (task.auth === 'client_secret_basic') return client.ClientSecretBasic(task.client_secret)
  if (task.auth === 'client_secret_post') return client.ClientSecretPost(task.client_secret)
  const { kid, ...jwk } = task.key
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return client.PrivateKeyJwt({ key, kid })
}

await converse(async (task, visit) => {
  const config = await client.discovery(new URL(task.issuer), task.client_id, undefined, await authentication(task), {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks], // http, on this machine only
  })
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const idTokenExpected = task.scope.split(' ').includes('openid')
  const expectedNonce = idTokenExpected ? client.randomNonce() : undefined
  const question = {
    redirect_uri: task.redirect_uri,
    scope: task.scope,
    state: expectedState,
    ...(idTokenExpected && { nonce: expectedNonce }),
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  }
  // The strict issuer wants the question pushed, and a key shown at each request (FAPI 2.0).
  const shown = task.strict ? { DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) } : {}
  const ask = task.strict ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl
  const arrived = await visit(await ask(config, question, shown))
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected }
  const redeem = () => client.authorizationCodeGrant(config, arrived, checks, undefined, shown)
  const refresh = () => client.refreshTokenGrant(config, tokens.refresh_token, undefined, shown)
  // Who proves nothing is told of no token.
  const introspect = (token) => (task.auth === 'none' ? null : client.tokenIntrospection(config, token))

  const tokens = await redeem()
  if (task.twice) return { again: await redeem().catch(codeOf), inactive: await introspect(tokens.access_token) }
  const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? client.skipSubjectCheck, shown)
  const introspected = await introspect(tokens.access_token)
  const refreshed = await refresh()
  await client.tokenRevocation(config, refreshed.refresh_token ?? tokens.refresh_token)
  return {
    tokens,
    id_claims: tokens.claims() ?? null,
    user,
    introspected,
    refreshed,
    afterwards: await refresh().catch(codeOf),
    inactive: await introspect(refreshed.access_token),
  }
})
