// What a rule about a bottleneck is, and what comes of one. Used by all rules of this folder; judge-rules.ts applies
// them.

import type { BottleneckLimit, BottleneckRuleId, SignOf } from '../../model/bottleneck.ts';
import type { Evidence } from '../../model/verdict.ts';
import type { ObservedSeries, SeriesUnit } from '../observed-series.ts';
import type { SymptomKind } from './condition.ts';
import type { Scene } from './scene.ts';

/**
 * What a sign says of a resource, in the words of the USE method: how much of it is in use, how much waits for it, what it
 * refuses. `waste`: work that need not be done. `guess`: by exclusion.
 *
 * **Source:** B. Gregg, "Thinking Methodically about Performance", ACM Queue 10 (2012) 12.
 */
export type SignKind = 'saturation' | 'utilisation' | 'errors' | 'waste' | 'guess';

/** What was measured for a sign. */
export interface Measured {
  /** For programs: the series, or what is divided by what. */
  readonly name: string;
  /** For people: `PostgreSQL blocked sessions`. */
  readonly title: string;
  readonly value: number;
  readonly unit: SeriesUnit | 'per min' | 'times';
  /** Of how many readings; the whole run where it is of counts. */
  readonly readings?: number;
  /** What response times are compared with. */
  readonly series?: ObservedSeries;
  /** Further figures that the value is made of. */
  readonly more?: readonly Evidence[];
  /** It shows this resource full whatever else there is: a process that has its one core. */
  readonly isSure?: true;
  /** It is a warning also in a run in which nothing went badly yet. */
  readonly isAlarming?: true;
}

export interface Sign {
  readonly kind: SignKind;
  /** In place of the rule's, where this is the strongest sign. */
  readonly title?: string;
  /** All that fit, such as one for each process; none where nothing was measured. */
  readonly measure: (scene: Scene) => readonly Measured[];
}

export interface Rule {
  readonly id: BottleneckRuleId;
  /** What is short, as the subject of a title: `the connection pool`. */
  readonly title: string;
  /** What it is a bottleneck of. */
  readonly explains: readonly SymptomKind[];
  /** `system`: whoever uses it shares it, so all operations are slow. `part`: those that use it. */
  readonly reach: 'system' | 'part';
  /** By the names of the limits. */
  readonly signs: Readonly<Record<string, Sign>>;
  /** It fills up when one of these is the cause, unless a sign of its own is sure. */
  readonly follows?: readonly BottleneckRuleId[];
  /** As `follows`, however sure its own signs are. */
  readonly alwaysFollows?: readonly BottleneckRuleId[];
  /** What is going on, in one sentence. */
  readonly meaning: string;
  readonly advice: string;
  /** Requirements of the source documents that it answers. */
  readonly covers: readonly string[];
}

/** A sign that counts: beyond its limit. */
export interface Held {
  readonly name: string;
  readonly kind: SignKind;
  readonly title?: string;
  readonly measured: Measured;
  readonly limit: BottleneckLimit;
}

/** A rule with at least one sign that counts. */
export interface Candidate {
  readonly rule: Rule;
  /** The strongest first. */
  readonly held: readonly Held[];
}

/** Makes a rule with the signs that its limits name, no more and no less. */
export function rule<Id extends BottleneckRuleId>(
  one: Omit<Rule, 'id' | 'signs'> & {
    readonly id: Id;
    readonly signs: { readonly [Name in SignOf<Id>]: Sign };
  },
): Rule {
  return one;
}
