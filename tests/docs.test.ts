// The documents agree with the code: what README shows is what is tested, links lead somewhere, lists are complete.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { remedies } from '../src/analysis/bottlenecks/remedies.ts';
import { bottleneckRules } from '../src/analysis/bottlenecks/rules.ts';
import { type BottleneckLimit, bottleneckLimits } from '../src/model/bottleneck.ts';
import { exitCodes } from '../src/model/errors.ts';
import { builtInMetrics } from '../src/model/metric.ts';
import { reportFormats } from '../src/report/format-names.ts';
import { runCli } from './run-cli.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
};

/** The text of the first fenced block in a language. */
function block(markdown: string, language: string): string | undefined {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(markdown)?.[1];
}

/** What stands in backticks, outside fenced blocks. */
function quoted(markdown: string): Set<string> {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  return new Set([...prose.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text!));
}

function markdownFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** The part of a document under one of its headings. */
function section(markdown: string, heading: string): string {
  const from = markdown.indexOf(`\n## ${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const to = markdown.indexOf('\n## ', from + 1);
  return markdown.slice(from, to === -1 ? undefined : to);
}

describe('README.md', () => {
  test.each([
    ['ts', 'examples/first-suite.ts'],
    ['yaml', 'examples/first-suite.yaml'],
  ])('shows in its first %s block exactly %s', (language, file) => {
    expect(block(read('README.md'), language)).toBe(read(file));
  });

  test('lists every exit code', () => {
    const table = section(read('README.md'), 'Commands and exit codes');
    for (const code of Object.values(exitCodes)) expect(table).toMatch(new RegExp(`\\| ${code} +\\|`));
  });
});

test('CHANGELOG.md has a heading for the version of the package', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (\S+)/gm)].map(([, version]) => version);
  expect(headings).toContain(manifest.version);
});

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...['docs', 'examples', 'suites', 'targets'].flatMap(markdownFiles),
];

test.each(documents)('every relative link in %s leads to a file', (file) => {
  const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  const broken = links
    .filter((link) => !/^[a-z]+:/i.test(link) && !link.startsWith('#'))
    .filter((link) => !existsSync(join(root, dirname(file), link.split('#')[0]!)));
  expect(broken).toEqual([]);
});

test('every relative link of the README leads to a file that the npm package holds', () => {
  const links = [...read('README.md').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!.split('#')[0]!);
  const relative = links.filter((link) => link !== '' && !/^[a-z]+:/i.test(link));
  const packed = (link: string): boolean =>
    manifest.files.some((entry) => link === entry || link.startsWith(`${entry}/`));
  expect(relative.length).toBeGreaterThan(5);
  expect(relative.filter((link) => !packed(link))).toEqual([]);
});

test('docs/dependencies.md has a line for each runtime dependency, and for no other', () => {
  const rows = section(read('docs/dependencies.md'), 'At run time').matchAll(/^\| `([^`]+)`/gm);
  expect([...rows].map(([, name]) => name).sort()).toEqual(Object.keys(manifest.dependencies).sort());
});

const declaredType = /^(?:export )?(?:interface|type|class) (\w+)/gm;
const exportedType = /^export (?:interface|type|class) (\w+)/gm;

function typesIn(file: string, declared: RegExp): string[] {
  return [...read(file).matchAll(declared)].map(([, type]) => type!);
}

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => /(?<!\.test)\.ts$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** What user code sees of a protocol, and its settings: the files beside its facts that these take types from. */
function publicFilesOfProtocols(): string[] {
  const folders = readdirSync(join(root, 'src/protocols'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders.flatMap(({ name }) => {
    const imports = read(`src/protocols/${name}/facts.ts`).matchAll(/^import type .*'\.\/([\w-]+\.ts)';/gm);
    return [...imports].map(([, file]) => `src/protocols/${name}/${file!}`);
  });
}

test('docs/glossary.md names every type of src/model and of what protocols show to suites, and no type that is gone', () => {
  const ofProtocols = publicFilesOfProtocols();
  expect(ofProtocols.length).toBeGreaterThan(5);
  const types = [...sourcesIn('src/model'), ...ofProtocols, 'src/protocols/connection-types.ts'].flatMap(
    (file) => typesIn(file, exportedType),
  );
  const named = [...quoted(read('docs/glossary.md'))].filter((text) => /^[A-Z]\w+$/.test(text));
  expect(types.length).toBeGreaterThan(50);
  expect(types.filter((type) => !named.includes(type))).toEqual([]);
  // Terms of the earlier rooms, also where their type is seen in that room alone, and the errors that protocols throw.
  const earlier = ['src/time', 'src/stats', 'src/executors', 'src/protocols/sql', 'src/protocols/redis']
    .flatMap(sourcesIn)
    .flatMap((file) => typesIn(file, declaredType));
  const there = new Set([...types, ...earlier]);
  expect(named.filter((type) => !there.has(type))).toEqual([]);
});

test.each(documents)('every source file that %s names with its folder is there', (file) => {
  const names = [...read(file).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs|cjs))`/g)].map(
    ([, name]) => name!,
  );
  const places = ['', 'src', dirname(file)];
  const gone = names.filter((name) => !places.some((place) => existsSync(join(root, place, name))));
  expect(gone).toEqual([]);
});

/** Words that mean the same as a term of the glossary, and the term. */
const replaced: Readonly<Record<string, string>> = {
  rps: 'requests/s',
  tps: 'transactions/s',
  sut: 'target',
  master: 'coordinator',
  slave: 'worker',
  assertion: 'check',
};

test('documents use the words of the glossary', () => {
  const used = documents
    .filter((file) => !file.startsWith(join('docs', 'decisions')))
    .flatMap((file) =>
      Object.keys(replaced)
        .filter((word) => new RegExp(`\\b${word}s?\\b`, 'i').test(read(file)))
        .map((word) => `${file}: ${word} (write ${replaced[word]})`),
    );
  expect(used).toEqual([]);
});

test('docs/README.md lists every document of its folder', () => {
  const listed = [...read('docs/README.md').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name!);
  const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  expect(listed.sort()).toEqual(documents.filter((name) => name !== 'README.md').sort());
});

test('docs/decisions/README.md lists every decision', () => {
  const records = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
  const listed = [...read('docs/decisions/README.md').matchAll(/\]\((\d{4}-[^)]+)\)/g)].map(
    ([, name]) => name,
  );
  expect(listed).toEqual(records.sort());
});

describe('docs/reference.md', () => {
  const reference = read('docs/reference.md');

  test('names every built-in metric', () => {
    const missing = Object.keys(builtInMetrics).filter((metric) => !quoted(reference).has(metric));
    expect(missing).toEqual([]);
  });

  test('names every report format', () => {
    expect(quoted(reference)).toContain(reportFormats.join(','));
  });

  test.each([
    ...['run', 'inspect', 'report', 'target', 'list', 'compare'],
    ...['baseline show', 'baseline update', 'baseline check'],
  ])('names every flag of %s', async (command) => {
    const { code, stdout } = await runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag!);
    expect(flags).toContain('--help');
    expect(flags.filter((flag) => !reference.includes(`${flag}`))).toEqual([]);
    expect(reference).toMatch(new RegExp(`^\\| \`${command}[ \`]`, 'm'));
  });
});

describe('docs/analysis.md', () => {
  const analysis = read('docs/analysis.md');

  test('has a row for each sign of each rule about bottlenecks, with its limit and source, and no other', () => {
    const printed = ({ limit, unit }: BottleneckLimit): string => {
      if (unit === 'ratio') return `${Number((100 * limit).toFixed(6))} %`;
      return `${limit.toLocaleString('en')}${unit === 'count' ? '' : ` ${unit}`}`;
    };
    const wanted = bottleneckRules.flatMap(({ id, title, covers }) =>
      Object.entries<BottleneckLimit>(bottleneckLimits[id]).map(([sign, limit], i) => {
        const [rule, answers] = i === 0 ? [`\`${id}\`: ${title}`, covers.join(', ')] : ['', ''];
        return `| ${rule} | \`${sign}\` | ${limit.what} | ${limit.counts} ${printed(limit)} | ${limit.source} | ${answers} |`;
      }),
    );
    const rows = section(analysis, 'Rules, signs and limits')
      .split('\n')
      .filter((line) => /^\| .*\| `/.test(line));
    expect(rows).toEqual(wanted);
  });

  test('has a row for each problem that people meet', () => {
    const wanted = remedies.map(({ problem, symptom, causes, fixes, sources }) => {
      const rules = causes.map((id) => `\`${id}\``).join(', ');
      return `| ${problem} | ${symptom} | ${rules} | ${fixes.join(' ')} | ${sources.join(' ')} |`;
    });
    const rows = section(analysis, 'Problems, causes and fixes')
      .split('\n')
      .filter((line) => /^\| .*\| `/.test(line));
    expect(rows).toEqual(wanted);
  });
});
