import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

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
      // What stands beside the code may run side by side.
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles: ['tests/vitest-setup.ts'],
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      // What drives real load would slow its neighbours down, and be told that the generator did not keep up.
      {
        extends: true,
        test: {
          name: 'load',
          setupFiles: ['tests/vitest-setup.ts'],
          include: ['targets/**/*.test.ts', 'suites/**/*.test.ts', 'tests/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
