// Runs an example: starts everything, asks one query, prints its answer, and serves until Ctrl-C (or `--once`).
import { startCustgraph } from './custgraph.js';

/** The headers of the caller that custgraph has use for. A gateway passes them on. */
export const PASSED_ON = ['x-api-token', 'authorization', 'x-request-id', 'traceparent'];

/** Picks them from a request's headers, whose names are in lower case. */
export function passedOn(headers = {}) {
  return Object.fromEntries(PASSED_ON.filter((name) => headers[name]).map((name) => [name, headers[name]]));
}

/**
 * @param query what is asked of the gateway, with the embedded upstream's demo token
 * @param start takes custgraph's address and starts the other services and the gateway; gives [name, address] pairs,
 *   the gateway last, and a function that stops them
 * @param settings custgraph's, as environment variables
 */
export async function runExample(query, start, settings = {}) {
  process.once('uncaughtException', (error) => {
    console.error(error.code === 'EADDRINUSE' ? `Port ${error.port} is taken: set PORT to another one.` : error);
    process.exit(1);
  });
  const custgraph = await startCustgraph(settings).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
  const { addresses, stop } = await start(custgraph.url);
  for (const [name, url] of [['custgraph', custgraph.url], ...addresses]) console.log(name.padEnd(12), url);
  console.log(`\n${query}\n`);
  console.log(JSON.stringify(await ask(addresses.at(-1)[1], query), null, 2));
  if (!process.argv.includes('--once')) {
    console.log('\nServing. Ctrl-C stops it.');
    await new Promise((resolve) => ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, resolve)));
  }
  await Promise.all([custgraph.stop(), stop()]);
  process.exit();
}

async function ask(url, query) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-token': 'demo-token' },
    body: JSON.stringify({ query }),
  });
  return answer.json();
}
