// `npm run test:nodes`: the unit and integration tests and one run of each shipped suite on other versions of Node, whose binaries come
// from npm packages without an install script.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/model/errors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'bin', 'plimsoll.js');
const majors = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['22', '24', '26'];
const targetTimeoutMs = 120_000;
/** Each suite starts its own target, but for jorge, whose target is given by a URL. */
const runs: readonly (readonly string[])[] = [
  ['run', 'members', '--quick'],
  ['run', 'adapter', '--profile', 'connection_pool', '--duration', '10s'],
];
/** What a run on a busy machine may end in: a pass, a broken limit, or an overloaded generator. */
const sound = new Set([0, 1, 5]);

interface Step {
  readonly what: string;
  readonly ok: boolean;
}

/** The binary of a version, such as `22`, in `folder`. Throws when the registry has none for this machine. */
function installNode(major: string, folder: string): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const { status, stderr } = spawnSync(
    'npm',
    ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${major}`],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`cannot install ${name}@${major}: ${stderr.trim()}`);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** Runs to the end with its output shown; the exit code. */
function run(node: string, args: readonly string[]): number {
  return spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status ?? 70;
}

async function runJorge(node: string, out: string): Promise<number> {
  const target = spawn(node, [cli, 'target', 'jorge', '--port', '0', '--json'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await urlOf(target);
    const profile = ['--profile', 'smoke', '--duration', '10s', '--base-url', url];
    return run(node, [cli, 'run', 'jorge', ...profile, '--out', out]);
  } finally {
    target.kill('SIGTERM');
    if (target.exitCode === null) await new Promise((resolve) => target.once('exit', resolve));
  }
}

function urlOf(target: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the target took too long to start')), targetTimeoutMs);
    createInterface({ input: target.stdout! }).once('line', (line) => {
      clearTimeout(timer);
      resolve((JSON.parse(line) as { readonly url: string }).url);
    });
    target.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the target ended with code ${code}`));
    });
  });
}

async function tryNode(major: string): Promise<Step[]> {
  const folder = mkdtempSync(join(tmpdir(), `plimsoll-node-${major}-`));
  try {
    const node = installNode(major, folder);
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    console.log(`\n=== Node ${version}`);
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const tests = run(node, [vitest, 'run', '--project', 'unit', '--project', 'integration']);
    const steps = [{ what: `${version} unit and integration tests`, ok: tests === 0 }];
    const out = join(folder, 'results');
    for (const args of runs) {
      const code = run(node, [cli, ...args, '--out', out]);
      steps.push({ what: `${version} ${args.join(' ')} (exit code ${code})`, ok: sound.has(code) });
    }
    const code = await runJorge(node, out);
    steps.push({ what: `${version} run jorge (exit code ${code})`, ok: sound.has(code) });
    return steps;
  } catch (error) {
    return [{ what: `Node ${major}: ${messageOf(error)}`, ok: false }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const steps: Step[] = [];
for (const major of majors) steps.push(...(await tryNode(major)));
console.log('');
for (const { what, ok } of steps) console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}`);
process.exitCode = steps.every(({ ok }) => ok) ? 0 : 1;
