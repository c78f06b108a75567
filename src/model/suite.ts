// What a user writes in a suite file. The schema in suite/ checks exactly this shape.

import type { LoadDefinition, SearchDefinition } from '../executors/executors.ts';
import type { ServersInSuites, SettingsInSuites } from '../protocols/registry.ts';
import type { Duration } from '../time/duration.ts';
import type { AlertDefinition } from './alert.ts';
import type { AnalysisDefinition } from './bottleneck.ts';
import type { CapacityDefinition } from './capacity-plan.ts';
import type { ComparisonDefinition } from './comparison.ts';
import type { HttpOptions, RunContext, TaskContext } from './context.ts';
import type { FaultDefinition, ProcessDefinition, ProxyDefinition } from './fault.ts';
import type { FeederDefinition } from './feeder.ts';
import type { MetricContains, MetricType, Tags } from './metric.ts';
import type { MonitorDefinition } from './monitor-settings.ts';
import type { ObjectiveClass, ObjectiveDimension } from './objective.ts';
import type { OutputDefinition } from './output.ts';
import type { RecommendationDefinition } from './recommendation.ts';
import type { ScalingDefinition } from './scaling.ts';
import type { ScheduleDefinition } from './schedule.ts';

/** A fixed wait, a uniform range `[from, to]`, or a function that returns ms. */
export type ThinkTime = Duration | readonly [Duration, Duration] | ((context: TaskContext) => number);

export type TaskFunction = (context: TaskContext) => unknown;

/**
 * A value in an answer: a dotted path into its JSON, a header, or the first group (else all) of what a regular expression
 * matches in the body. `pattern` takes a part out of a header. A plain text is a path into the JSON.
 */
export type ResponseValue =
  | string
  | { readonly json: string }
  | { readonly header: string; readonly pattern?: string }
  | { readonly body: string };

/** A sample of a metric of the suite: its value as a number, or for a rate whether it is or matches something. */
export type MeasureDefinition = Exclude<ResponseValue, string> & {
  readonly equals?: string | number | boolean;
  readonly matches?: string;
};

/**
 * A request written as data, for suites without code. In every text `${...}` is replaced: `${vu.id}`,
 * `${iteration}`, `${random}` (0 to 999999), `${env.NAME}`, `${session.name}`, `${data.name}`, and `${customers.email}` for
 * a column of the feeder `customers`.
 */
export interface RequestDefinition extends Omit<HttpOptions, 'throw' | 'multipart'> {
  readonly method?: string;
  readonly url: string;
  /** Checks by name: a status, statuses, headers, values in the JSON, or limits on the body and the duration. */
  readonly checks?: Readonly<
    Record<
      string,
      {
        readonly status?: number | readonly number[];
        readonly bodyContains?: string;
        /** Headers with their values. */
        readonly headers?: Readonly<Record<string, string>>;
        /** Dotted paths into the JSON answer with their values. */
        readonly json?: Readonly<Record<string, string | number | boolean>>;
        readonly maxDuration?: Duration;
      }
    >
  >;
  /** Session names to fill from the answer: `{ token: 'auth.token' }`, `{ next: { header: 'location' } }`. */
  readonly save?: Readonly<Record<string, ResponseValue>>;
  /** Metrics of the suite that get a sample where the answer has the value: `{ hits: { header: 'x-cache', equals: 'hit' } }`. */
  readonly measure?: Readonly<Record<string, MeasureDefinition>>;
}

/** What a user does once: code, or requests written as data. */
export type HookDefinition = TaskFunction | { readonly requests: readonly RequestDefinition[] };

export interface TaskDefinition {
  /** Relative weight among the user's tasks; 1 when absent. */
  readonly weight?: number;
  readonly run?: TaskFunction;
  /** In place of `run`: requests sent one after the other. */
  readonly requests?: readonly RequestDefinition[];
}

export interface StepDefinition {
  /** Chance that an iteration does this step, 0..1, independent of the other steps; 1 when absent. */
  readonly probability?: number;
  readonly run?: TaskFunction;
  readonly requests?: readonly RequestDefinition[];
}

/** A kind of visitor. It has either weighted `tasks` (one per iteration) or a `flow` (every step in order). */
export interface UserDefinition {
  readonly description?: string;
  /** Relative weight among the users; 1 when absent. */
  readonly weight?: number;
  readonly thinkTime?: ThinkTime;
  readonly onStart?: HookDefinition;
  readonly onStop?: HookDefinition;
  readonly tasks?: Readonly<Record<string, TaskDefinition>>;
  readonly flow?: Readonly<Record<string, StepDefinition>>;
}

export type ThresholdDefinition =
  | string
  | {
      /** The expression whose breach fails the run. */
      readonly threshold?: string;
      /** Two levels: a breach of `target` warns, of `critical` fails. */
      readonly target?: string;
      readonly critical?: string;
      readonly abortOnFail?: boolean;
      readonly delayAbortEval?: Duration;
      /** Warn when it holds but is closer to its limit than this share (0..1). */
      readonly warnMargin?: number;
      /** It holds when nothing was recorded of what it selects; else the verdict is `inconclusive` then. */
      readonly optional?: boolean;
    };

/** A named requirement of the system's owner. All of its thresholds must hold. */
export interface ObjectiveDefinition {
  /** The name when absent. */
  readonly title?: string;
  readonly description?: string;
  /** What it is about; `other` when absent. */
  readonly dimension?: ObjectiveDimension;
  /**
   * Thresholds of its own, by metric as elsewhere, or names of thresholds that the suite or the profile has: `"checks"` for
   * all on this series, `"http_req_duration: p(95)<100"` for one.
   */
  readonly thresholds: Readonly<Record<string, readonly ThresholdDefinition[]>> | readonly string[];
  /**
   * Limits of classes, on a figure that one of its thresholds is on; `metric` names its series where there are several.
   * What holds none of them needs work.
   */
  readonly classes?: { readonly metric?: string } & {
    readonly [Class in Exclude<ObjectiveClass, 'needs-work'>]?: string;
  };
  /** Its part in the compliance score; 1 when absent. */
  readonly weight?: number;
  /** The profiles that judge it; all when absent. */
  readonly profiles?: readonly string[];
  /** What it means for the business when it is not met. */
  readonly impact?: string;
  /** What to do when it is not met. */
  readonly remediation?: string;
}

interface ScenarioCommon {
  /** Who takes part: names, or names with weights. All users when absent. */
  readonly users?: readonly string[] | Readonly<Record<string, number>>;
  /** This scenario's own task mix: user → task → weight (or probability, for a flow). */
  readonly tasks?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly thinkTime?: ThinkTime;
  readonly startTime?: Duration;
  /** Time for running iterations to finish after the end; 30 s when absent. */
  readonly gracefulStop?: Duration;
  readonly iterationTimeout?: Duration;
  readonly tags?: Tags;
}

/** One load: who takes part, and how it is driven, as the file of its executor says. */
export type ScenarioDefinition = ScenarioCommon & LoadDefinition;

/** A profile that is a capacity search. */
export type CapacitySearchDefinition = ScenarioCommon & SearchDefinition;

/** Settings of protocols are in place of the suite's, key by key. */
interface ProfileCommon extends SettingsInSuites {
  readonly description?: string;
  /** Why and when to run it; shown in listings and reports. */
  readonly whenToRun?: string;
  /** Labels that `run -m` chooses profiles by: `load`, `slow`. */
  readonly markers?: readonly string[];
  /** Profiles that must have passed before this one, in a command that runs them, too; in place of the gates of `course`. */
  readonly needs?: readonly string[];
  readonly thresholds?: Readonly<Record<string, readonly ThresholdDefinition[]>>;
  /** Comparisons by name, in place of the suite's of the same name. */
  readonly comparisons?: Readonly<Record<string, ComparisonDefinition>>;
  /** Monitors and alerts by name, in place of the suite's of the same name. */
  readonly monitors?: Readonly<Record<string, MonitorDefinition>>;
  readonly alerts?: Readonly<Record<string, AlertDefinition>>;
  /** Objectives by name, in place of the suite's of the same name. */
  readonly objectives?: Readonly<Record<string, Omit<ObjectiveDefinition, 'profiles'>>>;
  /** Proxies and processes by name, in place of the suite's of the same name. */
  readonly proxies?: Readonly<Record<string, ProxyDefinition>>;
  readonly processes?: Readonly<Record<string, ProcessDefinition>>;
  /** What is done to the system while the load goes on, and what is expected of it meanwhile, by name. */
  readonly faults?: Readonly<Record<string, FaultDefinition>>;
  readonly tags?: Tags;
}

/** A load shape: one scenario written inline, several at once, or phases one after the other. */
export type ProfileDefinition =
  | (ProfileCommon & ScenarioDefinition)
  | (ProfileCommon & { readonly scenarios: Readonly<Record<string, ScenarioDefinition>> })
  | (ProfileCommon & {
      readonly phases: readonly (ScenarioDefinition & { readonly name: string; readonly pause?: Duration })[];
    });

/** Settings of servers are in place of the suite's, key by key. */
export interface EnvironmentDefinition extends ServersInSuites {
  readonly baseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Monitors by name, in place of the suite's of the same name. */
  readonly monitors?: Readonly<Record<string, MonitorDefinition>>;
  /** Says outright whether this is production, in place of guessing from names. */
  readonly production?: boolean;
}

/** The text report of runs that are told in operations: see `operationsReport`. */
export interface OperationsReportDefinition {
  /** The number of users that the system must carry one day; the report estimates what they would see. */
  readonly users: number;
  /** Average response time up to which the system counts as carrying its users; `"500ms"` when absent. */
  readonly targetResponseTime?: Duration;
  /** What to do when it does not carry them. */
  readonly recommendation?: string;
}

/** In which order the profiles of a suite are run by one command, and what the others wait for. */
export interface CourseDefinition {
  /** Profiles that come first, in this order; the others follow as they are written. */
  readonly order?: readonly string[];
  /**
   * Profiles that come before all others and must have passed, or nothing else is run. When absent it is `smoke`, if the
   * suite has it; an empty list: none.
   */
  readonly gates?: readonly string[];
  /** Profiles that are run by their names only, not with all. */
  readonly without?: readonly string[];
}

export interface SuiteDefinition extends SettingsInSuites {
  readonly name: string;
  readonly description?: string;
  readonly baseUrl?: string;
  /**
   * The shipped target that --with-target starts for a run and stops after it. Where there is `unless`, it is started without
   * the flag, too, as long as no environment variable of that name, or of these names, says where the system is. The variable,
   * or the first of them, is set to the address of the one started.
   */
  readonly target?: { readonly name: string; readonly unless?: string | readonly string[] };
  /** TCP proxies that stand before addresses during each run, so that profiles can make faults of the network in them, by name. */
  readonly proxies?: Readonly<Record<string, ProxyDefinition>>;
  /** Processes that are started for each run, in this order, and ended after it; profiles can kill, pause and restart them. */
  readonly processes?: Readonly<Record<string, ProcessDefinition>>;
  /** Environment variables the suite needs; a missing one is an error before any load. */
  readonly requiredEnv?: readonly string[];
  /**
   * What no output or artifact may show: names of environment variables that hold secrets, or the secrets themselves.
   * Variables, options and headers whose names say that they are secret need not be listed.
   */
  readonly secrets?: readonly string[];
  /** Once before the load; what it returns (plain JSON) is every task's `data`. */
  readonly setup?: (context: RunContext) => unknown;
  readonly teardown?: (context: RunContext & { readonly data: unknown }) => unknown;
  /** Test data by name: rows of files, lists or generators, which users take by `row` and by `${name.column}`. */
  readonly data?: Readonly<Record<string, FeederDefinition>>;
  readonly users: Readonly<Record<string, UserDefinition>>;
  readonly profiles: Readonly<Record<string, ProfileDefinition>>;
  /** The profile that is run when none is named; `smoke` when absent, or the only one there is. */
  readonly defaultProfile?: string;
  /** How several profiles are run by one command, as with `--all`. */
  readonly course?: CourseDefinition;
  /** When its runs are due, by name; `plimsoll schedule` writes them down for cron, systemd or GitHub Actions. */
  readonly schedules?: Readonly<Record<string, ScheduleDefinition>>;
  /** Named mixes of users for `--pattern`, beside the users themselves: names, or names with weights. */
  readonly patterns?: Readonly<Record<string, readonly string[] | Readonly<Record<string, number>>>>;
  /**
   * Runs also leave `operations.txt`, which tells of iterations as operations, assesses them and estimates the response
   * time at a greater number of users. What the suite adds to its rate `operation_failed` counts as failed.
   */
  readonly operationsReport?: OperationsReportDefinition;
  /** Thresholds of every profile, beside the profile's own. */
  readonly thresholds?: Readonly<Record<string, readonly ThresholdDefinition[]>>;
  /** Comparisons of every profile, by name. */
  readonly comparisons?: Readonly<Record<string, ComparisonDefinition>>;
  /** What is watched beside the load, by name; a figure is the metric `monitor_<name>_<figure>`. */
  readonly monitors?: Readonly<Record<string, MonitorDefinition>>;
  /** What is told at once while the load goes on, by name. */
  readonly alerts?: Readonly<Record<string, AlertDefinition>>;
  /** How the system's instances are scaled; runs are held against it, nothing is scaled by it. */
  readonly scaling?: ScalingDefinition;
  /** What the owner of the system requires, by name: compliance is scored over them. */
  readonly objectives?: Readonly<Record<string, ObjectiveDefinition>>;
  /** Where figures and alerts go while the load goes on. */
  readonly outputs?: readonly OutputDefinition[];
  /** Rules of recommendations by id: changed, added, or switched off by `false`. */
  readonly recommendations?: Readonly<Record<string, RecommendationDefinition | false>>;
  /** What capacity is planned with: instances, buffers, costs, growth. */
  readonly capacity?: CapacityDefinition;
  /** How the analysis of runs differs from the usual: rules about bottlenecks that are left out, or have other limits. */
  readonly analysis?: AnalysisDefinition;
  /** Custom metrics that thresholds refer to. */
  readonly metrics?: Readonly<
    Record<string, { readonly type: MetricType; readonly contains?: MetricContains }>
  >;
  readonly environments?: Readonly<Record<string, EnvironmentDefinition>>;
  readonly safety?: {
    /** Hosts that may be loaded although they look like production. */
    readonly allowedHosts?: readonly string[];
    /** Faults may be made in what is not on this machine; else only with `--allow-faults`. */
    readonly allowFaults?: boolean;
  };
  readonly tags?: Tags;
}
