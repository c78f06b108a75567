// The layer rule: data flows one way. A folder may import itself and anything earlier in the list, never later.
const order = [
  'model',
  'time',
  'stats',
  'text',
  'masking',
  'network',
  'system',
  'target-kit',
  'suite',
  'plan',
  'protocols',
  'meter',
  'engine',
  'monitors',
  'outputs',
  'metrics',
  'store',
  'analysis',
  'report',
  'run',
  'library.ts',
  'cli',
];
// Stages that must not see each other even though the order would allow it: they meet only in run/.
const strangers = [
  ['monitors', 'engine'],
  ['monitors', 'suite'],
  ['monitors', 'plan'],
  ['outputs', 'engine'],
  ['outputs', 'monitors'],
  ['outputs', 'suite'],
  ['outputs', 'plan'],
  ['metrics', 'engine'],
  ['metrics', 'monitors'],
  ['metrics', 'outputs'],
  ['metrics', 'protocols'],
  ['analysis', 'engine'],
  ['analysis', 'plan'],
  ['report', 'engine'],
  ['report', 'plan'],
  ['report', 'store'],
  ['target-kit', 'suite'],
  ['meter', 'protocols'],
  ['engine', 'meter'],
];
const at = (name) => `^src/${name.replace('.', '\\.')}${name.endsWith('.ts') ? '$' : '/'}`;

module.exports = {
  forbidden: [
    ...order.slice(0, -1).map((name, i) => ({
      name: `${name}-imports-upward`,
      severity: 'error',
      from: { path: at(name) },
      to: { path: order.slice(i + 1).map(at) },
    })),
    ...strangers.map(([from, to]) => ({
      name: `${from}-must-not-know-${to}`,
      severity: 'error',
      from: { path: at(from) },
      to: { path: at(to) },
    })),
    {
      name: 'src-never-imports-tests-targets-suites',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|cases)\\.ts$' },
      to: { path: '^(tests|targets|suites|examples|bench)/|\\.(test|cases)\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
