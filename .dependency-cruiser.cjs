// The layer rule: data flows one way. A folder may import itself and anything earlier in the list, never later.
// What is known of a protocol without its client (facts.ts) is read by all, so it lies lowest, in the folder of its
// protocol all the same: a protocol is one folder and one line of the registry.
const facts = '^src/protocols/(facts|registry|[a-z]+/facts)\\.ts$';
// What suites, plans and runs need of a protocol's settings lies just below suite/, with what reads their values; it stands in
// the folder of its protocol, too. Workers read none of it (src/structure.test.ts).
const settings =
  '^src/protocols/((settings|settings-registry|planned-servers|client-tls|[a-z]+/(settings|setting-values|[a-z]+-url))\\.ts$)';
const early = [facts, settings];
const order = [
  'time',
  'stats',
  'text',
  'executors',
  'model',
  'masking',
  'network',
  'system',
  'target-kit',
  'feeders',
  'suite',
  'plan',
  'protocols',
  'meter',
  'engine',
  'monitors',
  'outputs',
  'faults',
  'metrics',
  'judge',
  'store',
  'analysis',
  'scaling',
  'regression',
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
  ['faults', 'engine'],
  ['faults', 'monitors'],
  ['faults', 'outputs'],
  ['faults', 'suite'],
  ['faults', 'plan'],
  ['metrics', 'engine'],
  ['metrics', 'monitors'],
  ['metrics', 'outputs'],
  ['metrics', 'faults'],
  ['metrics', 'protocols'],
  ['judge', 'engine'],
  ['judge', 'monitors'],
  ['judge', 'outputs'],
  ['judge', 'faults'],
  ['judge', 'protocols'],
  ['judge', 'suite'],
  ['judge', 'plan'],
  ['judge', 'network'],
  ['judge', 'system'],
  ['analysis', 'engine'],
  ['analysis', 'plan'],
  ['scaling', 'engine'],
  ['scaling', 'plan'],
  ['scaling', 'store'],
  ['regression', 'engine'],
  ['regression', 'plan'],
  ['regression', 'store'],
  ['report', 'engine'],
  ['report', 'plan'],
  ['report', 'store'],
  ['target-kit', 'suite'],
  ['meter', 'protocols'],
  ['engine', 'meter'],
];
// Within run/: what every kind of run has does not know the kinds, companions do not know each other, and a worker knows
// nothing of the coordinator.
const kindsOfRun =
  'run-profile|capacity|search-steps|join-search|watch-only|recover|recover-search|replay-load';
const runStrangers = [
  [
    'session|measure|observe|companion|closers',
    `^src/run/(${kindsOfRun}|drive|monitors|outputs|faults|rig|conclude)\\.ts$`,
  ],
  ['monitors', `^src/run/(${kindsOfRun}|drive|outputs|faults|measure)\\.ts$`],
  ['faults', `^src/run/(${kindsOfRun}|drive|monitors|outputs|measure)\\.ts$`],
  ['outputs', `^src/run/(${kindsOfRun}|drive|monitors|faults|measure)\\.ts$`],
  ['drive', `^src/run/(${kindsOfRun}|outputs)\\.ts$`],
  [
    'worker-session|import-bundle|rehearse-telling',
    '^src/(plan|monitors|outputs|metrics|judge|store|analysis|report)/',
  ],
  ['worker-session|import-bundle|rehearse-telling', '^src/run/(?!(import-bundle|rehearse-telling)\\.ts$)'],
];
// Within protocols/: WebSockets and event streams go along the routes of http/. All others are strangers: what two of
// them share lies beside their folders, or earlier in the order.
const protocolStrangers = [
  ['http', ['websocket', 'sse', 'sql', 'redis', 'tcp']],
  ['websocket', ['sse', 'sql', 'redis', 'tcp']],
  ['sse', ['websocket', 'sql', 'redis', 'tcp']],
  ['sql', ['http', 'websocket', 'sse', 'redis', 'tcp']],
  ['redis', ['http', 'websocket', 'sse', 'sql', 'tcp']],
  ['tcp', ['http', 'websocket', 'sse', 'sql', 'redis']],
];
const at = (name) => `^src/${name.replace('.', '\\.')}${name.endsWith('.ts') ? '$' : '/'}`;

module.exports = {
  forbidden: [
    ...order.slice(0, -1).map((name, i) => ({
      name: `${name}-imports-upward`,
      severity: 'error',
      from: { path: at(name), pathNot: early },
      to: { path: order.slice(i + 1).map(at), pathNot: i < order.indexOf('suite') ? facts : early },
    })),
    ...strangers.map(([from, to]) => ({
      name: `${from}-must-not-know-${to}`,
      severity: 'error',
      from: { path: at(from) },
      to: { path: at(to), pathNot: facts },
    })),
    {
      // Types apart, and the client, which is loaded when a suite uses it.
      name: 'facts-import-facts-only',
      severity: 'error',
      from: { path: facts },
      to: { pathNot: facts, dependencyTypesNot: ['type-only', 'dynamic-import'] },
    },
    {
      // Types apart, and the check of a server, which is loaded when a run has one.
      name: 'settings-import-what-lies-below-suites',
      severity: 'error',
      from: { path: settings },
      to: {
        path: order.slice(order.indexOf('suite')).map(at),
        pathNot: early,
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    ...protocolStrangers.map(([from, others]) => ({
      name: `protocols-${from}-must-not-know-others`,
      severity: 'error',
      from: { path: `^src/protocols/${from}/`, pathNot: '\\.(test|cases)\\.ts$' },
      to: { path: `^src/protocols/(${others.join('|')})/` },
    })),
    ...runStrangers.map(([from, to], i) => ({
      name: `run-strangers-${i + 1}`,
      severity: 'error',
      from: { path: `^src/run/(${from})\\.ts$` },
      to: { path: to },
    })),
    {
      name: 'src-never-imports-tests-targets-suites',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|cases)\\.ts$' },
      to: { path: '^(tests|targets|suites|examples|bench)/|\\.(test|cases)\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { pathNot: facts } } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
