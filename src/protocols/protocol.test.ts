// Every protocol does what all must do; see protocol.cases.ts.

import { conforming as http } from './http/conforming.cases.ts';
import { testProtocol } from './protocol.cases.ts';
import { conforming as redis } from './redis/conforming.cases.ts';
import { conforming as sql } from './sql/conforming.cases.ts';
import { conforming as sse } from './sse/conforming.cases.ts';
import { conforming as tcp } from './tcp/conforming.cases.ts';
import { conforming as ws } from './websocket/conforming.cases.ts';

for (const one of [http, ws, sse, sql, redis, tcp]) testProtocol(one);
