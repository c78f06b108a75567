import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/longest-first.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const setupFiles = ['tests/vitest-setup.ts'];
const sources = ['src', 'bench', 'targets', 'suites'].map((folder) => `${folder}/**/*.test.ts`);
/** Tests of sources that need more than their own process, real time, or modules of their own since they add to a
 * registry. By names that outlast a move. */
const integration = [
  'bench/**/*.test.ts',
  'targets/**/{target,seeded}.test.ts',
  'suites/members/queries.test.ts',
  'src/target-kit/*.test.ts',
  'src/protocols/{sql,redis}/*.test.ts',
  'src/protocols/protocol.test.ts',
  'src/monitors/*.test.ts',
  'src/monitors/process/*.test.ts',
  'src/run/added-executor.test.ts',
  'src/outputs/{influx,otlp,outputs,prometheus,remote-write}.test.ts',
  'src/network/dialer.test.ts',
  ...['target', 'foreign-data', 'inspect', 'report'].map((name) => `src/cli/${name}.test.ts`),
  ...[
    'content-encoding',
    'early-answers',
    'decoding-cut',
    'body-memory',
    'interim',
    'limits',
    'routes',
    'user-http-faults',
    'upload',
    ...['faults', 'hostile', 'limits', 'real-servers'].map((name) => `http2/${name}`),
  ].map((name) => `src/protocols/http/${name}.test.ts`),
  ...['scenario-accounting', 'worker-guard'].map((name) => `src/engine/${name}.test.ts`),
];
const ofRuns = (names: readonly string[]): string[] => names.map((name) => `tests/${name}.test.ts`);
/** They expect seconds and moments that a machine with work for all its cores would shift. */
const inPairs = ofRuns([
  'alerts',
  'connections',
  'controlled',
  'cut-off',
  'faults',
  'interrupts',
  'limits',
  'lost-workers',
  'monitor-faults',
  'monitors',
  'redis',
  'sql',
  'survival-answers',
  'survival-generator',
  'survival-network',
]);
/** They measure the generator or the machine, or expect figures that a neighbour would change. */
const alone = [
  'tests/accuracy/*.test.ts',
  ...ofRuns(['adapter-policies', 'capacity', 'comparisons', 'explain']),
];

// The groups run one after the other: what computes never slows down what drives load.
export default defineConfig({
  resolve: {
    alias: [
      { find: 'plimsoll/run', replacement: source('./src/library.ts') },
      { find: 'plimsoll', replacement: source('./src/index.ts') },
    ],
  },
  test: {
    sequence: { sequencer: LongestFirst },
    // Modules are compiled once, and not for each project and each run: kept in node_modules, by what is in them.
    experimental: { fsModuleCache: true },
    testTimeout: 60_000,
    // Of the tests of one file that say they may.
    maxConcurrency: 4,
    hookTimeout: 60_000,
    projects: [
      // They compute, or talk to a server within their own process: one process runs file after file, so that the
      // modules are loaded once.
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles,
          include: sources,
          exclude: integration,
          isolate: false,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      // They start databases and other processes, or wait in real time.
      {
        extends: true,
        test: {
          name: 'integration',
          setupFiles,
          include: integration,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      // They run the command line, drive a small load and mostly wait; what they claim holds on a busy machine, too.
      {
        extends: true,
        test: {
          name: 'side-by-side',
          setupFiles,
          include: ['tests/**/*.test.ts'],
          exclude: [...inPairs, ...alone],
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
      // They wait as well, and have one neighbour that does the same.
      {
        extends: true,
        test: {
          name: 'in-pairs',
          setupFiles,
          include: inPairs,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          setupFiles,
          include: alone,
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
