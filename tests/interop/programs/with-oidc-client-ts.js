// The page of an application that runs in its owner's browser, with oidc-client-ts; it has no secret.
const task = JSON.parse(document.getElementById('task').textContent)

const manager = new oidc.UserManager({
  authority: task.issuer,
  client_id: task.client_id,
  redirect_uri: task.redirect_uri,
  scope: task.scope,
  automaticSilentRenew: false,
  loadUserInfo: !task.bound, // it would bring a bound token as if it were none
  ...(task.bound && { dpop: { store: new oidc.IndexedDbDPoPStore(), bind_authorization_code: true } }),
})

async function askWhoItIs(user) {
  const address = await manager.metadataService.getUserInfoEndpoint()
  const headers = { Authorization: `${user.token_type} ${user.access_token}` }
  const ask = async (nonce) => {
    if (task.bound) headers.DPoP = await manager.dpopProof(address, user, 'GET', nonce)
    return fetch(address, { headers })
  }
  const answer = await ask()
  const nonce = answer.headers.get('DPoP-Nonce')
  return answer.status === 401 && nonce ? ask(nonce) : answer
}

async function useTokens() {
  const user = await manager.signinCallback()
  const refreshed = await manager.signinSilent() // by its refresh token
  const asked = await askWhoItIs(refreshed)
  await manager.revokeTokens(['refresh_token'])
  return {
    profile: user.profile,
    token_type: user.token_type,
    user: await asked.json(),
    rotated: refreshed.refresh_token !== user.refresh_token,
    renewed: refreshed.access_token !== user.access_token,
    afterwards: (await askWhoItIs(refreshed)).status,
  }
}

async function main() {
  if (!location.search) return manager.signinRedirect()
  const told = await useTokens().catch((error) => ({ refused: { error: error.error, message: error.message } }))
  document.querySelector('main').textContent = JSON.stringify(told)
}

main()
