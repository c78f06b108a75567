// What a reading asks the server, and what it does without where the server refuses. Called by ../redis.ts.
// Source: Redis 7, commands INFO and SLOWLOG; access by first argument, "ACL", section "Allow/disallow a specific first-arg".

import type { Answer, RedisLink } from './link.ts';
import { parseInfo, type ServerInfo } from './server-info.ts';

const sections = [
  'server',
  'clients',
  'memory',
  'stats',
  'cpu',
  'keyspace',
  'commandstats',
  'errorstats',
] as const;
type Section = (typeof sections)[number];

const shownEntries = 10;

/** An entry of the slow log, newest first. */
export interface SlowEntry {
  readonly id: number;
  /** When it was run, seconds since 1970 on the server's clock. */
  readonly ranAtEpochS: number;
  readonly us: number;
  /** The command and its arguments, as the server shortens them. */
  readonly words: readonly string[];
}

export interface Answers {
  readonly info: ServerInfo;
  /** `null` where the server keeps it from us. */
  readonly slow: { readonly entries: readonly SlowEntry[]; readonly length: number } | null;
}

/** The questions of one connection. They get fewer as the server refuses some. */
export class Questions {
  readonly #link: RedisLink;
  /** Sections that we may see; together in one INFO as long as the server takes that, which it does from 7.0 on. */
  #sections: readonly Section[] = sections;
  #together = true;
  #slowLog = true;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  /** Rejects when nothing at all may be seen, or the connection breaks. */
  async ask(signal: AbortSignal): Promise<Answers> {
    const infos = this.#together
      ? [['INFO', ...sections]]
      : this.#sections.map((section) => ['INFO', section]);
    const slow = this.#slowLog
      ? [
          ['SLOWLOG', 'LEN'],
          ['SLOWLOG', 'GET', String(shownEntries)],
        ]
      : [];
    const answers = await this.#link.ask([...infos, ...slow], signal);
    const told = answers.slice(0, infos.length);
    if (this.#together && 'refusal' in told[0]!) {
      this.#assertLetIn(told[0]);
      this.#together = false;
      return await this.ask(signal);
    }
    if (!this.#together) this.#keep(told);
    const info = parseInfo(
      told.flatMap((answer) => ('reply' in answer ? String(answer.reply) : [])).join('\n'),
    );
    return { info, slow: this.#slowLog ? this.#readSlow(answers.slice(infos.length)) : null };
  }

  /** Who is not let in is refused everything. */
  #assertLetIn({ refusal }: { readonly refusal: string }): void {
    if (/^(NOAUTH|LOADING|MASTERDOWN)/.test(refusal)) throw this.#link.refused(refusal);
  }

  #keep(told: readonly Answer[]): void {
    const refusals = told.flatMap((answer) => ('refusal' in answer ? answer.refusal : []));
    if (refusals.length === told.length) throw this.#link.refused(refusals[0]!);
    this.#sections = this.#sections.filter((_, index) => 'reply' in told[index]!);
  }

  #readSlow([length, entries]: readonly Answer[]): Answers['slow'] {
    if (length === undefined || entries === undefined || 'refusal' in length || 'refusal' in entries) {
      this.#slowLog = false;
      return null;
    }
    return { length: Number(length.reply), entries: (entries.reply as unknown[][]).map(readEntry) };
  }

  /** What is missing, a sentence each. */
  get missing(): readonly string[] {
    const notes: string[] = [];
    const refused = sections.filter((section) => !this.#sections.includes(section));
    if (refused.length > 0) {
      notes.push(
        `the server does not show the sections ${refused.join(', ')} of INFO, whose figures are missing; allow +info`,
      );
    }
    if (!this.#slowLog)
      notes.push('the server does not show its slow log, so slow commands are missing; allow +slowlog');
    return notes;
  }
}

function readEntry([id, ranAt, us, words]: unknown[]): SlowEntry {
  return {
    id: Number(id),
    ranAtEpochS: Number(ranAt),
    us: Number(us),
    words: (words as unknown[]).map(String),
  };
}
