// Reads pages in Prometheus text format 0.0.4 and OpenMetrics 1.0 text. Keeps the metrics asked for and skips all other
// lines with a look at their names. Called by page.ts.
// Sources: prometheus.io/docs/instrumenting/exposition_formats; the OpenMetrics 1.0 specification; where Prometheus reads
// more than they allow, model/textparse of Prometheus 3 (promparse.go, openmetricsparse.go).

import { ReadSoFar } from '../foreign-data.ts';
import { ExpositionError, parseNamedSample, parseSampleLine, unescaped } from './exposition-line.ts';
import { FamilyBuilder, familyOfSample, suffixesOf } from './family-builder.ts';
import { familyNames, type Metrics, type MetricType } from './metric.ts';

const textTypes: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
};

const openMetricsTypes: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
};

export interface ExpositionOptions {
  readonly openMetrics: boolean;
  /** Names of metrics or of their samples to keep; all when absent. */
  readonly wanted?: ReadonlySet<string>;
}

/**
 * The metrics of a page. Throws an `ExpositionError` that names the line. Lines of metrics not asked for are not looked
 * at beyond their names. What Prometheus itself reads is read: a page that ends within a line, TYPE anywhere and any
 * number of times, series twice, of which the first counts.
 */
export function parseExposition(text: string, options: ExpositionOptions): Metrics {
  const inOneGo = new ExpositionParser(text, options).parse();
  // A type that comes late, or another one, changes what the samples before it are.
  return inOneGo ?? new ExpositionParser(text, options, typesOnPage(text, options)).parse()!;
}

/** All names on the page, those of families and of samples, for suggestions; 5000 at the most. */
export function namesOnPage(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const pattern = /^(?:# TYPE )?(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|\{?"([^"\\\n]{1,200})")/gm;
  for (const [, plain, quoted] of text.matchAll(pattern)) {
    if (names.add(plain ?? quoted!).size === 5000) break;
  }
  return names;
}

/** The last type that the page gives each family that is asked for. */
function typesOnPage(
  text: string,
  { openMetrics, wanted }: ExpositionOptions,
): ReadonlyMap<string, MetricType> {
  const types = new Map<string, MetricType>();
  const asked = wanted && new Set([...wanted].flatMap(familyNames));
  for (const [comment] of text.matchAll(/^[ \t]*#[ \t]+TYPE[ \t][^\n]*$/gm)) {
    const told = readTypeComment(comment.trimStart(), openMetrics);
    if (told?.type !== undefined && (asked === undefined || asked.has(told.name)))
      types.set(told.name, told.type);
  }
  return types;
}

/** `undefined` for a comment that says no type, `type` for one that says none that is known. */
function readTypeComment(
  comment: string,
  openMetrics: boolean,
): { readonly name: string; readonly word: string; readonly type: MetricType | undefined } | undefined {
  const match = (openMetrics ? openMetricsTypeComment : textTypeComment).exec(comment);
  if (match === null) return undefined;
  const [, quoted, plain, word] = match as unknown as [string, string | undefined, string, string];
  const types = openMetrics ? openMetricsTypes : textTypes;
  const type = Object.hasOwn(types, word) ? types[word] : undefined;
  return { name: quoted === undefined ? plain : unescaped(quoted), word, type };
}

const textTypeComment =
  /^#[ \t]+TYPE[ \t]+(?:"([^"\\\n]*(?:\\.[^"\\\n]*)*)"|([^ \t"]+))[ \t]+([^ \t]+)[ \t]*$/;
const openMetricsTypeComment = /^# TYPE (?:"([^"\\\n]*(?:\\.[^"\\\n]*)*)"|([^ "]+)) (.*)$/;

class ExpositionParser {
  private readonly text: string;
  private readonly openMetrics: boolean;
  /** Families to keep; `undefined` keeps all. */
  private readonly wanted: ReadonlySet<string> | undefined;
  private readonly families = new Map<string, FamilyBuilder>();
  /** Where the samples of a name go; `null` for names that are skipped. */
  private readonly targets = new Map<string, Target | null>();
  /** All types are known from the start. */
  private readonly knowsTypes: boolean;
  private needsTypes = false;
  private readonly soFar = new ReadSoFar();
  private line = 0;

  constructor(
    text: string,
    { openMetrics, wanted }: ExpositionOptions,
    types?: ReadonlyMap<string, MetricType>,
  ) {
    this.text = text;
    this.openMetrics = openMetrics;
    this.wanted = wanted && new Set([...wanted].flatMap(familyNames));
    this.knowsTypes = types !== undefined;
    for (const [name, type] of types ?? []) this.addFamily(name, type);
  }

  /** `null`: the types have to be known before, and are not. */
  parse(): Metrics | null {
    const { text } = this;
    let at = 0;
    let ended = false;
    let name = '';
    let target: Target | null = null;
    while (at < text.length) {
      this.line++;
      if (ended) this.fail('there is text after # EOF');
      const lineEnd = text.indexOf('\n', at);
      const end = lineEnd === -1 ? text.length : lineEnd;
      const start = this.openMetrics ? at : this.pastBlanks(at);
      const first = text.charCodeAt(start);
      if (first === hash) {
        ended = this.readComment(start, end);
        if (this.needsTypes) return null;
        name = '';
      } else if (start >= end) {
        if (this.openMetrics) this.fail('OpenMetrics has no empty lines');
      } else if (first === brace) {
        this.readNamed(start, end);
        name = '';
      } else {
        // Most lines have the name of the line before.
        if (
          name === '' ||
          !text.startsWith(name, start) ||
          isNamePart[text.charCodeAt(start + name.length)]
        ) {
          name = this.readName(start);
          target = this.targetOf(name);
        }
        if (target !== null) {
          const sample = parseSampleLine(text, start + name.length, end, this.line, this.openMetrics);
          this.soFar.sample();
          target.family.add(target.suffix, sample);
        }
      }
      at = end + 1;
    }
    if (this.openMetrics && !ended) {
      this.line++;
      this.fail('the page does not end with # EOF, so some of it is missing');
    }
    return new Map([...this.families.values()].map((family) => [family.metricName, family.build()]));
  }

  private pastBlanks(at: number): number {
    let start = at;
    while (this.text.charCodeAt(start) === 32 || this.text.charCodeAt(start) === 9) start++;
    return start;
  }

  private readName(start: number): string {
    const { text } = this;
    let end = start;
    while (isNamePart[text.charCodeAt(end)]) end++;
    const first = text.charCodeAt(start);
    if (end === start || (first >= 48 && first <= 57)) {
      const found = JSON.stringify(text.slice(start, start + 40).split('\n')[0]);
      this.fail(`${found} does not begin with the name of a metric`);
    }
    return text.slice(start, end);
  }

  /** A sample whose name stands in quotes within its braces. */
  private readNamed(start: number, end: number): void {
    const sample = parseNamedSample(this.text, start, end, this.line, this.openMetrics);
    const target = this.targetOf(sample.name);
    if (target === null) return;
    this.soFar.sample();
    target.family.add(target.suffix, sample);
  }

  private targetOf(name: string): Target | null {
    let target = this.targets.get(name);
    if (target === undefined) {
      target = this.makeTarget(name);
      this.targets.set(name, target);
    }
    return target;
  }

  private makeTarget(name: string): Target | null {
    const found = familyOfSample(name, this.families, this.openMetrics);
    if (found !== undefined) return found;
    // A histogram has no sample of its own name. Prometheus makes it a series that says nothing of the histogram.
    if (this.families.has(name)) return null;
    if (this.wanted !== undefined && !this.wanted.has(name)) return null;
    return { family: this.addFamily(name, 'unknown'), suffix: '' };
  }

  private addFamily(name: string, type: MetricType): FamilyBuilder {
    const family = new FamilyBuilder(name, type, this.openMetrics);
    this.families.set(name, family);
    return family;
  }

  /** Whether it is the end of an OpenMetrics page. */
  private readComment(start: number, end: number): boolean {
    // Only TYPE says something that is needed; HELP is skipped fast, there is one per family.
    const { text, openMetrics } = this;
    if (openMetrics && end - start === 5 && text.startsWith('# EOF', start)) return true;
    if (openMetrics && !openMetricsComment.test(text.slice(start, start + 7))) {
      this.fail('OpenMetrics has no comments but TYPE, UNIT, HELP and EOF');
    }
    const second = text.charCodeAt(start + 2);
    if (second === letterT || (!openMetrics && second <= 32)) this.readType(text.slice(start, end));
    else if (openMetrics && second === letterU) this.readUnit(text.slice(start, end));
    return false;
  }

  private readType(comment: string): void {
    const told = readTypeComment(comment, this.openMetrics);
    if (told === undefined) {
      if (this.openMetrics || /^#[ \t]+TYPE[ \t]/.test(comment)) this.fail('TYPE needs a name and a type');
      return;
    }
    const { name, word, type } = told;
    if (type === undefined) this.fail(`${JSON.stringify(word.slice(0, 40))} is not a type of metric`);
    if (this.knowsTypes || (this.wanted !== undefined && !this.wanted.has(name))) return;
    const known = this.families.get(name);
    if (known?.type === type) return;
    // Samples that have gone elsewhere, or nowhere, would be those of this family.
    const names = suffixesOf(type, this.openMetrics).map((suffix) => `${name}${suffix}`);
    if (known !== undefined || names.some((one) => this.targets.has(one))) this.needsTypes = true;
    this.addFamily(name, type);
  }

  private readUnit(comment: string): void {
    const [, , name = '', unit = ''] = comment.split(' ');
    const plain = name.startsWith('"') ? name.slice(1, -1) : name;
    if (unit !== '' && !plain.endsWith(`_${unit}`)) this.fail(`${name} does not end with its unit ${unit}`);
  }

  private fail(problem: string): never {
    throw new ExpositionError(this.line, problem);
  }
}

interface Target {
  readonly family: FamilyBuilder;
  readonly suffix: string;
}

const openMetricsComment = /^# (?:TYPE|UNIT|HELP) /;
const hash = 35;
const brace = 123;
const letterT = 84;
const letterU = 85;

/** By character code: letters, digits, `_` and `:`. */
const isNamePart: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[a-zA-Z0-9_:]/.test(String.fromCharCode(code)),
);
