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
    setupFiles: ['tests/vitest-setup.ts'],
    include: [
      'src/**/*.test.ts',
      'targets/**/*.test.ts',
      'suites/**/*.test.ts',
      'tests/**/*.test.ts',
      'bench/**/*.test.ts',
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
