import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const setupFiles = ['tests/vitest-setup.ts'];
const sideBySide = [
  'tests/fuzz/**/*.test.ts',
  ...[
    'alerts',
    'declared',
    'docs',
    'examples',
    'exits',
    'long-waits',
    'lost-workers',
    'members',
    'names-of-objects',
    'monitors',
    'package',
    'recovery',
    'report-html',
    'safety',
  ].map((name) => `tests/${name}.test.ts`),
  'tests/run-record-schema.test.ts',
];

// What drives load is slowed by its neighbours, so it has few or none.
export default defineConfig({
  resolve: {
    alias: [
      { find: 'plimsoll/run', replacement: source('./src/library.ts') },
      { find: 'plimsoll', replacement: source('./src/index.ts') },
    ],
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles,
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'targets/**/*.test.ts', 'suites/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      // They drive load, and mostly wait for it.
      {
        extends: true,
        test: {
          name: 'side-by-side',
          setupFiles,
          include: sideBySide,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      // They would slow their neighbours down, and be told that the generator did not keep up.
      {
        extends: true,
        test: {
          name: 'alone',
          setupFiles,
          include: ['tests/**/*.test.ts'],
          exclude: sideBySide,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
