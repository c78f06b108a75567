// Part of `npm run build`: makes dist/ of the sources, in few files, since every file that is opened delays the first
// request (docs/decisions/0026). Types come from the compiler beside.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is loaded by its address: the command, a worker, what suites and other code import, helpers, targets and what they start. */
const entries = [
  'src/cli/main',
  'src/worker',
  'src/index',
  'src/library',
  'src/system/guardian-process',
  'src/faults/fault-host-process',
  'src/target-kit/target-process',
  ...readdirSync(join(root, 'targets')).flatMap((name) =>
    readdirSync(join(root, 'targets', name))
      .filter((file) => /^(target|.*-process|.*-thread)\.ts$/.test(file))
      .map((file) => `targets/${name}/${file.slice(0, -3)}`),
  ),
];

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, join(root, `${entry}.ts`)])),
  platform: 'node',
  // Packages stay packages, except zod.
  external: (name) => !/^[./]|^zod(\/|$)/.test(name),
});
const { output } = await bundle.write({
  dir: join(root, 'dist'),
  format: 'esm',
  sourcemap: true,
  entryFileNames: '[name].js',
  chunkFileNames: 'src/chunks/[name]-[hash].js',
});

// Chunks are named by what is in them: those of earlier builds would stay, and be published.
const written = new Set(output.map(({ fileName }) => fileName.replace(/\.map$/, '')));
for (const name of readdirSync(join(root, 'dist/src/chunks'))) {
  if (!written.has(`src/chunks/${name.replace(/\.map$/, '')}`)) rmSync(join(root, 'dist/src/chunks', name));
}
