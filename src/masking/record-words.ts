// Words that records are made of: names of their members, and values that only a few words are allowed for. A password
// that is such a word is masked where its name stands beside it; hidden everywhere, it would leave no record to read.
// Called by known-secrets.ts.

import { executors } from '../executors/executors.ts';
import { operationMetrics } from '../model/operation.ts';

/** Kinds of executors, and what their plans say. */
const executorWords = Object.entries(executors).flatMap(([kind, { planFields }]) => [
  kind,
  ...Object.keys(planFields).map((name) => name.toLowerCase()),
]);

/** Of capacity plans and recommendations. */
const planningWords = `
  bottleneck buffers change component currency current database effort expected improvement instance instances low medium
  memory memorybytes months options permonth priority recommendations recommended trigger users usersperinstance vcpus verify
`;

/** Of windows, phases and their figures. */
const steadyWords = `
  broken durations lengthms longestbroken persec phases spike steady withinms
`;

/** Of objectives and compliance. */
const objectiveWords = `
  acceptable classes compliance conditional credit decidedby dimension dimensions excellent impact iscritical iselsewhere
  isoverridden isuntested latency limits margin marginratio missed needs-work not-ready objective objectives profiles
  readiness reliability remediation resources stability throughput untested
`;

/** What runs are held to, and how they are compared. */
const regressionWords = `
  accepted acceptedat baseline before better broken change differences earlier endpoints entries exposure freedom inflation
  isleast layout leastofbaseline minimum mostofbaseline obstacles percentiles persec problem pvalue regression single-user
  stated unproven yardstick
`;

/** Of faults, and what is expected while they are on. */
const faultWords = `
  addedms affected afterms bandwidth black-hole bytespersec condition delayms expect failover faults isbeforeload jitterms listen mostratio
  no-stale operationcourse operations others-flat outside process processes proxies readywithinms refuse return switch traffic trouble
  unkept
`;

/** In lower case. A test holds that the formats of records and journals know no others. */
export const recordWords: ReadonlySet<string> = new Set([
  ...executorWords,
  ...Object.keys(operationMetrics),
  ...steadyWords.trim().split(/\s+/),
  ...regressionWords.trim().split(/\s+/),
  'per second',
  ...planningWords.trim().split(/\s+/),
  ...faultWords.trim().split(/\s+/),
  ...objectiveWords.trim().split(/\s+/),
  ...`
  aborted abortonfail actual adaptive advice against againstcount aggregation alert-blind alerts analysis anomaly applicationname
  arrivals average backoffms baseurl bodycontains bottleneck bounds breaking-point capacity checks children ciphers clientname columns
  combine commandtimeoutms comparison comparisons completed conditions confidence confirm connections
  compressed connectionsperhost connecttimeoutms contains coordinator-lost counter cpucount cpumodel critical cut-off
  cutoff default definitions degradation diagnosis delayabortevalms description detail difference dropped-iterations
  droppediterations duration durationms endatms endedat endedby environment episodecount episodes errors
  eventloopdelayms events evidence executor expression failed failure failures figure figures findings
  finished firstatms folded fromms gapcount gcpausems generator generator-saturation gracefulstopms greatest
  growth headers headline histogram hysteresis inconclusive increase influx insecureskipverify interrupted
  intervalms iteration iterations iterations/s iterationtimeoutms killed labels lastatms lasterror
  legacyrenegotiation limits localaddresses marker maxdurationms maxredirects maxresponsebytes maxversion
  maxanswerbytes measureduntilms median memorybytes message metric metrics minversion missing mix-deviation monitor-gap
  monitors namefrompath narrow nodeexporter ofcount offered onlyipv4 onlyipv6 operationsreport operator
  optional outage outcome outputs overdue overduems passed passes peakmemorybytes per-vu percentile pidfile
  plimsoll poisson policy pooltimeoutms postgres precision preferipv4 preferipv6 prepare process profile
  prometheus prometheus-query prometheus-remote-write purpose quantile queries random readingms readings
  readingsperentry readonly reason reasons recommendation recovery redirectheaders redirectsto refusal
  repeat report request requests resent-requests respond response responsetimeoutms restart retries
  round-robin same-origin sample saturated scalability scenario scenarios schedulelagms schemaversion search select
  sequence series servername servertimeout sessionreuse severity share_above skipped slowstatementms
  socketpath source startatms startedat startticks statements statementtimeoutms statistic status statuses
  success system tables target targetms template thinktime threshold-breach threshold-close thresholds
  timeline timeoutms tls1.0 tls1.1 tls1.2 tls1.3 undecided uniform unrecorded unjudged untilms values verdict version waitedms
  warmupms warning warnmargin webhook weight whentorun window windows worker worker-lost workers writer
  action assume capacityperinstance cooldownafter cooldownms cpuatcapacity disabled instances maxinstances maxreplicas
  metricdelayms mininstances minreplicas namespace percent periodms policies remove resize responsems scaledown scaleup
  scaling selectpolicy simulation stabilizationms startrate startupms targets tolerance trigger workload
  circular end-scenario endedatms generated masked refused sequential sha256 stop-user unique usersended
`
    .trim()
    .split(/\s+/),
]);
