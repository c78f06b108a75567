// The public API of the package: what a suite file imports.

export type { AlertDefinition } from './model/alert.ts';
export type { CapacityDefinition } from './model/capacity-plan.ts';
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
export type { FeederDefinition, Row, RowPlace } from './model/feeder.ts';
export type { MultipartFields, MultipartPart, MultipartValue, QueryFields } from './model/http-fields.ts';
export type { MonitorDefinition, PrometheusSelection } from './model/monitor-settings.ts';
export type { OutputDefinition } from './model/output.ts';
export type { RecommendationDefinition } from './model/recommendation.ts';
export type { RunRecord } from './model/run-record.ts';
export type { ScalingDefinition } from './model/scaling.ts';
export type {
  HookDefinition,
  MeasureDefinition,
  ObjectiveDefinition,
  ProfileDefinition,
  RequestDefinition,
  ResponseValue,
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
export type {
  RedisArgument,
  RedisClient,
  RedisCommandLine,
  RedisMessage,
  RedisOptions,
  RedisReply,
  RedisSubscription,
} from './protocols/redis/redis.ts';
export { RedisError } from './protocols/redis/redis-error.ts';
export type { RedisConnections, RedisDefinition } from './protocols/redis/setting-types.ts';
export type { SqlConnections, SqlDefinition } from './protocols/sql/setting-types.ts';
export type {
  SqlClient,
  SqlErrorClass,
  SqlFailure,
  SqlResult,
  SqlRow,
  SqlRunner,
  SqlTransactionResult,
} from './protocols/sql/sql.ts';
export { SqlError } from './protocols/sql/sql-error.ts';
export type { SseClient, SseConnection, SseEvent, SseOptions } from './protocols/sse/sse.ts';
export type {
  TcpAnswer,
  TcpClient,
  TcpConnection,
  TcpConnectOptions,
  TcpDefinition,
  TcpError,
} from './protocols/tcp/tcp.ts';
export type {
  WebSocketClient,
  WebSocketConnection,
  WebSocketMessage,
  WebSocketOptions,
} from './protocols/websocket/websocket.ts';
export { defineSuite } from './suite/define-suite.ts';
export type { Duration } from './time/duration.ts';
