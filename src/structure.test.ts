// The shape of the source: how long files may be, that header comments name those who really call a file, which rooms can
// be taken away, and who may have clocks, connections and files.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const texts = new Map(
  ['src', 'scripts', 'targets', 'suites', 'tests', 'bench'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`)
      .map((name) => [name, readFileSync(path.join(root, name), 'utf8')]),
  ),
);
const sources = [...texts.keys()].filter((name) => name.startsWith('src/') && !name.endsWith('.test.ts'));

const mostLines = 350;
/** Files that are longer for a reason, which stands beside the name. */
const longFiles: Readonly<Record<string, string>> = {};

test(`no file of src/ has more than ${mostLines} lines`, () => {
  expect(sources.length).toBeGreaterThan(300);
  const long = sources.filter((name) => texts.get(name)!.trimEnd().split('\n').length > mostLines);
  expect(long).toEqual(Object.keys(longFiles));
});

/** The first comment of a file, as one line. */
function headerOf(text: string): string {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, end)
    .map((line) => line.slice(2).trim())
    .join(' ');
}

const fileName = /(?<![\w/.*-])((?:\.\.?\/)*[\w/-]+(?:\.cases|\.test)?\.ts)\b/g;
const verbs = 'call|use|make|ask|keep|read|start|feed|fill|run|share|add|put|write|draw|load|import';
/** `Called by a.ts and b.ts`, `a.ts asks it`, `Only a.ts and b.ts use it`: what follows or precedes names callers. */
const passive = new RegExp(
  String.raw`\b(?:${verbs}|made|kept|drawn|written)(?:ed|d|s)?\b[^;:]*?\bby\b(.*)`,
  'i',
);
const active = new RegExp(
  String.raw`^(?:only )?((?:\.\.?\/)*[\w/-]+\.ts(?:(?:,| and|, and) [\w/.-]+\.ts)*) (?:${verbs})s?\b.*\b(?:it|one|them)\b`,
  'i',
);

/** The files that a header comment names as callers. */
function callersIn(header: string): string[] {
  return header.split(/(?<=[.;]) /).flatMap((sentence) => {
    const [, named] = passive.exec(sentence) ?? active.exec(sentence) ?? [];
    return [...(named ?? '').matchAll(fileName)].map(([, name]) => name!);
  });
}

/** The file that a comment means: beside the one it stands in, else from src/, else from the top. */
function resolveName(name: string, from: string): string | undefined {
  const folder = path.posix.dirname(from);
  const places = [path.posix.join(folder, name), path.posix.join('src', name), name];
  return places.find((place) => texts.has(place));
}

/** The files that a file imports, in whatever way, or starts as processes. */
function importsOf(file: string): string[] {
  const folder = path.posix.dirname(file);
  return [...texts.get(file)!.matchAll(/'(\.{1,2}\/[^']+?)\.[tj]s'/g)].map(
    ([, specifier]) => `${path.posix.join(folder, specifier!)}.ts`,
  );
}

test('every file that a header comment names is there', () => {
  const gone = sources.flatMap((file) =>
    [...headerOf(texts.get(file)!).matchAll(fileName)]
      .filter(([, name]) => resolveName(name!, file) === undefined)
      .map(([, name]) => `${file} names ${name}`),
  );
  expect(gone).toEqual([]);
});

test('every file and folder that docs/architecture.md names is there, and it names every folder of src/', () => {
  const architecture = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');
  const [names, folders] = [/`([\w./-]+\.(?:ts|cjs))`/g, /`(?:src\/)?([\w-]+(?:\/[\w-]+)*)\/`/g].map(
    (pattern) => [...new Set([...architecture.matchAll(pattern)].map(([, name]) => name!))],
  ) as [string[], string[]];
  expect(names.length).toBeGreaterThan(100);
  // A name without its folder is that of one file: the text around it says where.
  const isThere = (name: string): boolean =>
    existsSync(path.join(root, name)) ||
    existsSync(path.join(root, 'src', name)) ||
    (!name.includes('/') && [...texts.keys()].some((file) => file.endsWith(`/${name}`)));
  expect(names.filter((name) => !isThere(name))).toEqual([]);
  expect(folders.filter((name) => !isThere(name))).toEqual([]);
  const ownFolders = [
    ...new Set(sources.map((file) => file.split('/')[1]!).filter((name) => !name.endsWith('.ts'))),
  ];
  const text = architecture.slice(architecture.indexOf('## Stages'), architecture.indexOf('**Layer rule.**'));
  expect(ownFolders.filter((name) => !new RegExp(`^\\| \`?${name}\\b`, 'm').test(text))).toEqual(['run']);
});

test('whoever a header comment names as a caller imports the file', () => {
  const named = sources.flatMap((file) =>
    callersIn(headerOf(texts.get(file)!)).map((name) => ({ file, name, caller: resolveName(name, file) })),
  );
  expect(named.length).toBeGreaterThan(100);
  const wrong = named
    .filter(({ file, caller }) => caller !== undefined && !importsOf(caller).includes(file))
    .map(({ file, name }) => `${file} names ${name}`);
  expect(wrong).toEqual([]);
});

/**
 * Rooms that can be taken away, and the files that name each of them: these go with it or lose a line, and all others
 * compile as before.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'src/monitors': ['src/run/monitors.ts'],
  'src/faults': ['src/run/rig.ts'],
  'src/outputs': ['src/cli/destinations.ts', 'src/run/outputs.ts'],
};

test.each(Object.entries(rooms))('nothing names %s but %j', (room, wiring) => {
  const outside = sources.filter((file) => !file.startsWith(`${room}/`));
  expect(outside.length).toBeLessThan(sources.length);
  const names = (file: string): boolean => importsOf(file).some((target) => target.startsWith(`${room}/`));
  expect(outside.filter(names)).toEqual(wiring);
});

interface Exempt {
  /** Files, or folders that end in `/`. */
  readonly files: readonly string[];
  readonly reason: string;
}

const listed: Exempt = {
  files: ['src/protocols/registry.ts', 'src/protocols/settings-registry.ts'],
  reason: 'the lists, which lose a line',
};
const published: Exempt = {
  files: ['src/index.ts'],
  reason: 'what suites import from the package: its types, and its error class',
};
const watchesPostgres: Exempt = {
  files: [
    'src/monitors/postgres.ts',
    'src/monitors/postgres/',
    'src/plan/monitors.ts',
    'src/suite/schema-monitors.ts',
  ],
  reason:
    'the monitor of PostgreSQL borrows the reading of URLs and statements, and may watch what the suite loads',
};
const watchesRedis: Exempt = {
  files: [
    ...['src/monitors/redis.ts', 'src/monitors/redis/', 'src/monitors/monitors.ts', 'src/plan/monitors.ts'],
    ...['src/model/monitor.ts', 'src/model/monitor-settings.ts', 'src/store/monitor-schemas.ts'],
    ...['src/suite/monitor-settings.ts', 'src/suite/schema-monitors.ts'],
    ...['src/cli/flags.ts', 'src/cli/monitor-request.ts', 'src/analysis/recommendations/rules.ts'],
  ],
  reason:
    'the monitor of Redis has the same name, borrows its connector, may watch what the suite loads, and is read by rules of advice',
};

const flushesRedis: Exempt = {
  files: [
    ...['src/faults/fault-host-process.ts', 'src/faults/flush-redis.ts', 'src/model/fault-action.ts'],
    ...['src/model/fault.ts', 'src/plan/faults.ts', 'src/suite/fault-expectation.ts'],
    ...['src/suite/rules-faults.ts', 'src/suite/schema-faults.ts'],
  ],
  reason: 'a fault may empty a database of Redis, and borrows the reading of its URL',
};

const namedByRules = 'rules about bottlenecks name the figures that are watched';

/** Protocols that can be taken away: by what word code names each, and what else knows of it. */
const separable: Readonly<Record<string, { readonly word: string; readonly exempt: readonly Exempt[] }>> = {
  sql: {
    word: 'sql',
    exempt: [
      listed,
      published,
      watchesPostgres,
      {
        files: ['database-measures', 'pool-measures', 'rules-load'].map(
          (name) => `src/analysis/bottlenecks/${name}.ts`,
        ),
        reason: namedByRules,
      },
      { files: ['src/report/data/database-test.ts'], reason: 'a file for databases, whose form is given' },
    ],
  },
  redis: {
    word: 'redis',
    exempt: [
      listed,
      published,
      watchesRedis,
      flushesRedis,
      {
        files: [
          ...['rules-application', 'rules-database', 'rules-load', 'rules-machine'],
          ...['scene', 'unwatched'],
        ].map((name) => `src/analysis/bottlenecks/${name}.ts`),
        reason: namedByRules,
      },
      { files: ['src/target-kit/'], reason: 'reference targets have a Redis of their own' },
    ],
  },
  tcp: {
    word: 'tcp',
    exempt: [
      listed,
      published,
      {
        files: ['src/outputs/address.ts', 'src/outputs/influx.ts', 'src/suite/schema-alerts.ts'],
        reason: 'InfluxDB takes figures over TCP',
      },
      {
        files: [
          ...['src/model/monitor-figures.ts', 'src/monitors/host/linux.ts', 'src/monitors/node-exporter.ts'],
          'src/monitors/process/listening.ts',
          'src/analysis/bottlenecks/rules-load.ts',
        ],
        reason: 'figures of the system itself, and its tables of sockets',
      },
    ],
  },
  websocket: {
    word: 'ws',
    exempt: [listed, published, { files: ['src/suite/safety.ts'], reason: 'the usual port of a URL' }],
  },
  sse: {
    word: 'sse',
    exempt: [listed, published],
  },
};

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/[^\n]*/g, '$1');
}

test.each(Object.entries(separable))(
  '%s is known to its folder, the registry and few others',
  (folder, { word, exempt }) => {
    const room = `src/protocols/${folder}/`;
    const known = exempt.flatMap(({ files }) => files);
    const isKnown = (file: string): boolean =>
      known.some((one) => (one.endsWith('/') ? file.startsWith(one) : file === one));
    const named = new RegExp(String.raw`(?<![\w-])${word}(?=\b|_[a-z])(?!-)`);
    const knows = (file: string): boolean =>
      importsOf(file).some((target) => target.startsWith(room)) ||
      named.test(withoutComments(texts.get(file)!));
    const outside = sources.filter((file) => !file.startsWith(room) && !file.endsWith('.cases.ts'));
    expect(outside.filter((file) => knows(file) && !isKnown(file))).toEqual([]);
    // What need not be exempt any more leaves the list.
    const idle = known.filter((one) => !outside.some((file) => file.startsWith(one) && knows(file)));
    expect(idle.filter((one) => !listed.files.includes(one))).toEqual([]);
  },
);

test('workers load no zod, and no settings of protocols', () => {
  const loaded = new Set<string>();
  const packages = new Set<string>();
  const load = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const statements = texts.get(file)!.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?'([^']+)';/gm);
    for (const [, specifier] of statements) {
      if (specifier!.startsWith('.')) load(path.posix.join(path.posix.dirname(file), specifier!));
      else packages.add(specifier!);
    }
  };
  load('src/worker.ts');
  for (const file of sources) if (/^src\/protocols\/\w+\/protocol\.ts$/.test(file)) load(file);
  expect(loaded.size).toBeGreaterThan(100);
  expect(
    [...loaded].filter((file) => /\/(settings|settings-registry|planned-servers|client-tls)\.ts$/.test(file)),
  ).toEqual([]);
  expect(packages).toContain('node:net');
  expect(packages).not.toContain('zod');
});

/** Runs in a thread of its own, whose code is text and imports nothing. */
const ownClock = ['src/engine/metronome.ts'];
const clocks =
  /\b(?:set|clear)(?:Timeout|Interval)\(|\bperformance\.|\bhrtime\b|\bDate\.now\(|\bnew Date\(\)|'(?:node:)?timers/;

test('clocks are read and timers are set in src/time/ alone', () => {
  const others = sources.filter(
    (file) => !/^src\/time\/|\.cases\.ts$/.test(file) && clocks.test(texts.get(file)!),
  );
  expect(others).toEqual(ownClock);
});

const readsFiles = [
  // The nearest package.json says where the package lies, and its version.
  'src/model/package-files.ts',
  // The script of the HTML report is built, or read from where the build has put it.
  'src/report/html/bundle-page.ts',
  'src/report/html/page-assets.ts',
];

test('what is pure opens no connection, starts no process and touches no file', () => {
  const pure =
    /^src\/(?:model|stats|text|plan|judge|metrics|analysis|scaling|regression|report)\/(?!.*\.cases\.ts$)/;
  const reaches = /from 'node:(?:net|tls|https?|http2|dgram|child_process|worker_threads|fs(?:\/promises)?)'/;
  const others = sources.filter((file) => pure.test(file) && reaches.test(texts.get(file)!));
  expect(others).toEqual(readsFiles);
});
