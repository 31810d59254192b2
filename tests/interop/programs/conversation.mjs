// What a program here and its test say to each other: lines of JSON (tests/interop/program.py).
import { createInterface } from 'node:readline'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const hear = async () => JSON.parse((await lines.next()).value)
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

async function visit(address) {
  say({ visit: String(address) })
  return new URL(await hear())
}

/** The protocol's own word for what went wrong. */
export async function codeOf(error) {
  // With a challenge, oauth4webapi leaves the body to who wants it; openid-client hands its error on as the cause.
  const { response } = error
  return error.error ?? (response && !response.bodyUsed ? (await response.json()).error : null)
}

/** Carries out the task; a client's own error is an outcome that the test looks at. */
export async function converse(carryOut) {
  try {
    say({ told: await carryOut(await hear(), visit) })
  } catch (error) {
    console.error(error)
    const message = [error.message, error.cause?.message].join('; ')
    say({ told: { refused: { error: await codeOf(error), message } } })
  }
  process.exit()
}
