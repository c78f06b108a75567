// The state of every alert while a run goes on. Pure but for its own state: figures and time are given to it. judge.ts
// asks it after each window and each reading.

import type { Standing } from '../metrics/standing.ts';
import type {
  AlertCondition,
  AlertEpisode,
  AlertFigure,
  AlertLevel,
  AlertPlan,
  AlertRecord,
  AlertRule,
  AlertTransition,
} from '../model/alert.ts';
import { seriesKey } from '../model/metric.ts';
import { isWithin } from './operators.ts';

/** The figure of a condition now; `undefined` while it is not known. */
type FigureLookup = Standing['figureOf'];

const maxEpisodeCount = 100;
const levels = ['warning', 'critical'] as const satisfies readonly AlertLevel[];

export class AlertWatch {
  readonly #alerts: readonly Alert[];

  constructor(plans: readonly AlertPlan[]) {
    this.#alerts = plans.map((plan) => new Alert(plan));
  }

  /** What changes at run time `atMs`, which never goes back. */
  look(figureOf: FigureLookup, atMs: number): AlertTransition[] {
    return this.#alerts.flatMap((alert) => alert.look(figureOf, atMs) ?? []);
  }

  /** Alerts that are firing now. */
  firing(): { readonly title: string; readonly level: AlertLevel }[] {
    return this.#alerts.flatMap((alert) => alert.firing() ?? []);
  }

  /** Marks alerts that may end the run, and are critical now, as having ended it. */
  endedRun(): void {
    for (const alert of this.#alerts) alert.endedRun();
  }

  /** `wasRecorded`: whether there was anything at all that a condition could be told from. */
  records(wasRecorded: (condition: AlertCondition) => boolean): AlertRecord[] {
    return this.#alerts.map((alert) => alert.record(wasRecorded));
  }
}

interface RuleState {
  readonly rule: AlertRule;
  /** Since when all conditions are known to hold without a break. */
  heldSinceMs: number | undefined;
  firing: boolean;
}

class Alert {
  readonly #plan: AlertPlan;
  readonly #rules: readonly RuleState[];
  #episodes: readonly AlertEpisode[] = [];
  #episodeCount = 0;
  #current: AlertEpisode | undefined;
  #level: AlertLevel | undefined;
  #aborted = false;

  constructor(plan: AlertPlan) {
    this.#plan = plan;
    this.#rules = plan.rules.map((rule) => ({ rule, heldSinceMs: undefined, firing: false }));
  }

  look(figureOf: FigureLookup, atMs: number): AlertTransition | undefined {
    for (const state of this.#rules) this.#lookAtRule(state, figureOf);
    const firing = this.#rules.filter((state) => state.firing);
    const highest = firing.find(({ rule }) => rule.level === 'critical') ?? firing[0];
    if (highest?.rule.level === this.#level) return undefined;
    const before = this.#level;
    this.#level = highest?.rule.level;
    const rule = highest?.rule ?? this.#rules.find((one) => one.rule.level === before)!.rule;
    const figures = figuresOf(rule.conditions, figureOf);
    this.#keep(figures, atMs);
    const { name, title, respond, abort } = this.#plan;
    const common = { alert: name, title, atMs, figures, respond };
    if (this.#level === undefined) return { ...common, state: 'resolved', level: before!, abort: false };
    return { ...common, state: 'firing', level: this.#level, abort: abort && this.#level === 'critical' };
  }

  endedRun(): void {
    this.#aborted ||= this.#plan.abort && this.#level === 'critical';
  }

  #lookAtRule(state: RuleState, figureOf: FigureLookup): void {
    const { conditions, forMs } = state.rule;
    const figures = conditions.map((one) => figureOf(one));
    if (state.firing) {
      state.firing = !conditions.some((one, i) => isBack(one, figures[i]?.value, this.#plan.hysteresis));
      if (!state.firing) state.heldSinceMs = undefined;
      return;
    }
    if (!conditions.every((one, i) => holds(one, figures[i]?.value))) {
      state.heldSinceMs = undefined;
      return;
    }
    // A figure speaks for the time up to its latest reading, not for what has passed since then.
    const times = figures.map((figure) => figure!.atMs);
    state.heldSinceMs ??= Math.max(...times);
    state.firing = Math.min(...times) - state.heldSinceMs >= forMs || forMs === 0;
  }

  /** Notes what the level has become. */
  #keep(figures: readonly AlertFigure[], atMs: number): void {
    if (this.#level === undefined) {
      this.#store({ ...this.#current!, untilMs: atMs });
      this.#current = undefined;
    } else if (this.#current === undefined) {
      this.#episodeCount++;
      this.#current = { level: this.#level, fromMs: atMs, untilMs: null, figures };
    } else if (levels.indexOf(this.#level) > levels.indexOf(this.#current.level)) {
      this.#current = { ...this.#current, level: this.#level, figures };
    }
  }

  /** The last one kept gives way to a critical one: what is worst must be among them. */
  #store(episode: AlertEpisode): void {
    this.#episodes = withEpisode(this.#episodes, episode);
  }

  firing(): { readonly title: string; readonly level: AlertLevel } | undefined {
    return this.#level === undefined ? undefined : { title: this.#plan.title, level: this.#level };
  }

  record(wasRecorded: (condition: AlertCondition) => boolean): AlertRecord {
    const { name, title, rules, respond } = this.#plan;
    return {
      name,
      title,
      rules: rules.map(({ level, expression, conditions }) => {
        const unrecorded = [...new Set(conditions.filter((one) => !wasRecorded(one)).map(nameOf))];
        return { level, expression, ...(unrecorded.length > 0 && { unrecorded }) };
      }),
      respond,
      episodes: this.#current === undefined ? this.#episodes : withEpisode(this.#episodes, this.#current),
      episodeCount: this.#episodeCount,
      aborted: this.#aborted,
    };
  }
}

function withEpisode(kept: readonly AlertEpisode[], episode: AlertEpisode): readonly AlertEpisode[] {
  if (kept.length < maxEpisodeCount) return [...kept, episode];
  const isWorse = episode.level === 'critical' && kept.at(-1)!.level !== 'critical';
  return isWorse ? [...kept.slice(0, -1), episode] : kept;
}

function figuresOf(conditions: readonly AlertCondition[], figureOf: FigureLookup): AlertFigure[] {
  return conditions.flatMap((condition) => {
    const figure = figureOf(condition);
    if (figure === undefined) return [];
    return [{ name: nameOf(condition), value: figure.value, limit: condition.limit, unit: condition.unit }];
  });
}

function nameOf({ metric, tags, aggregation }: AlertCondition): string {
  const key = seriesKey(metric, tags);
  if (aggregation === undefined) return key;
  return `${key} ${aggregation.kind === 'percentile' ? `p(${aggregation.p})` : aggregation.kind}`;
}

/** What is not known does not hold. */
function holds({ operator, limit }: AlertCondition, value: number | undefined): boolean {
  return value !== undefined && isWithin(operator, value, limit);
}

/** Whether a condition has ceased by more than the hysteresis; what is not known has not. */
function isBack({ operator, limit }: AlertCondition, value: number | undefined, hysteresis: number): boolean {
  if (value === undefined) return false;
  const margin = hysteresis * Math.abs(limit);
  if (operator.startsWith('>')) return !isWithin(operator, value, limit - margin);
  if (operator.startsWith('<')) return !isWithin(operator, value, limit + margin);
  return !isWithin(operator, value, limit);
}
