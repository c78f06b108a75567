// The public API of the package: what a suite file imports.

export type { AlertDefinition } from './model/alert.ts';
export type { ComparisonDefinition } from './model/comparison.ts';
export type {
  BatchRequest,
  CheckFunction,
  CustomMetrics,
  HttpClient,
  HttpError,
  HttpHeaders,
  HttpOptions,
  HttpResponse,
  HttpTimings,
  Logger,
  ResponseType,
  RunContext,
  Session,
  TaskContext,
  VirtualUser,
} from './model/context.ts';
export { RedisError, SqlError } from './model/errors.ts';
export type {
  SseClient,
  SseConnection,
  SseEvent,
  SseOptions,
  WebSocketClient,
  WebSocketConnection,
  WebSocketMessage,
  WebSocketOptions,
} from './model/held-connections.ts';
export type { MultipartFields, MultipartPart, MultipartValue, QueryFields } from './model/http-fields.ts';
export type { MonitorDefinition, PrometheusSelection } from './model/monitor-settings.ts';
export type { OutputDefinition } from './model/output.ts';
export type {
  RedisArgument,
  RedisClient,
  RedisCommandLine,
  RedisMessage,
  RedisOptions,
  RedisReply,
  RedisSubscription,
} from './model/redis.ts';
export type { RedisConnections, RedisDefinition } from './model/redis-settings.ts';
export type { RunRecord } from './model/run-record.ts';
export type {
  SqlClient,
  SqlErrorClass,
  SqlFailure,
  SqlResult,
  SqlRow,
  SqlRunner,
  SqlTransactionResult,
} from './model/sql.ts';
export type { SqlConnections, SqlDefinition } from './model/sql-settings.ts';
export type {
  ProfileDefinition,
  RequestDefinition,
  ScenarioDefinition,
  StepDefinition,
  SuiteDefinition,
  TaskDefinition,
  TaskFunction,
  ThinkTime,
  ThresholdDefinition,
  UserDefinition,
} from './model/suite.ts';
export type { SuiteFinding } from './model/verdict.ts';
export { defineSuite } from './suite/define-suite.ts';
export type { Duration } from './time/duration.ts';
