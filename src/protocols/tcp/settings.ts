// The settings of TCP: what holds for connections that do not say otherwise. See ../settings.ts.

import { parseByteSize } from '../../text/byte-size.ts';
import { msOf } from '../../time/duration.ts';
import { keyByKey, type ProtocolSettings } from '../settings.ts';
import type { TcpDefinition, TcpPlan } from './tcp.ts';

export const tcp: ProtocolSettings<TcpDefinition, TcpPlan> = {
  name: 'tcp',
  example: 'TCP settings such as { timeout: "5s" }',
  shape: ({ duration, where }) => ({
    connectTimeout: duration(1).optional(),
    timeout: duration(1).optional(),
    maxAnswerSize: where(
      (value) => (parseByteSize(value) ?? 0) >= 1,
      'a size such as "1MB" or 65536',
    ).optional(),
  }),
  merge: keyByKey,
  plan: ({ connectTimeout, timeout, maxAnswerSize }) => ({
    ...(connectTimeout === undefined ? {} : { connectTimeoutMs: msOf(connectTimeout) }),
    ...(timeout === undefined ? {} : { timeoutMs: msOf(timeout) }),
    ...(maxAnswerSize === undefined ? {} : { maxAnswerBytes: parseByteSize(maxAnswerSize)! }),
  }),
  recorded: ({ count, ms }) => ({
    connectTimeoutMs: ms.exactOptional(),
    timeoutMs: ms.exactOptional(),
    maxAnswerBytes: count.exactOptional(),
  }),
};
