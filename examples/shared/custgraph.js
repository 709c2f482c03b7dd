// Starts custgraph over its embedded upstream, or takes the one that CUSTGRAPH_URL names.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PATIENCE = 30_000; // ms that a program has to get ready

const VENV = fileURLToPath(new URL('../../.venv/bin', import.meta.url));

/** Gives custgraph's address and a function that stops it. Settings are environment variables. */
export async function startCustgraph(settings) {
  const given = process.env.CUSTGRAPH_URL;
  if (given) return { url: given, stop: () => {} };
  const port = await freePort();
  const child = spawn(findProgram(), ['serve', '--port', String(port)], {
    env: { ...process.env, CUSTGRAPH_EMBEDDED_MEMORY: 'true', CUSTGRAPH_LOG_LEVEL: 'warning', ...settings },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = () => child.kill() && ended;
  process.once('exit', () => child.kill());
  await ready(`http://127.0.0.1:${port}/readyz`, child);
  return { url: `http://127.0.0.1:${port}/graphql`, stop };
}

function findProgram() {
  const folders = [VENV, ...(process.env.PATH ?? '').split(delimiter)];
  const program = folders.map((folder) => join(folder, 'custgraph')).find(existsSync);
  if (!program) {
    throw new Error(
      'custgraph is not installed: run `make run` once at the top of the repository, ' +
        'or put `custgraph` on the PATH, or set CUSTGRAPH_URL to a running one.',
    );
  }
  return program;
}

/** Gives a port that nothing listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until a child process answers at an address of its own. */
export async function ready(url, child) {
  const name = basename(child.spawnfile);
  let failure;
  child.once('error', (error) => (failure = error));
  child.once('exit', (code) => (failure ??= new Error(`${name} ended with exit code ${code}.`)));
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(50)) {
    if (failure) throw failure;
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
  }
  throw new Error(`${name} was not ready within ${PATIENCE / 1000} s.`);
}
