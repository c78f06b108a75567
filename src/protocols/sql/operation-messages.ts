// What the server's messages mean to the operation that has the connection, where they concern nothing else. Called by
// connection.ts. Source of the types: PostgreSQL 18, section 54.7; of COPY's course: sections 54.2.6 and 54.2.3.

import { monotonicMs } from '../../time/clock.ts';
import { failureOf } from './failure.ts';
import type { Carrier, Operation } from './operation.ts';
import { readFields } from './rows.ts';

/** The bytes are those of a message from `from` to `to`, and only until the call returns. */
export function tellOperation(
  operation: Operation,
  carrier: Carrier,
  type: number,
  bytes: Buffer,
  from: number,
  to: number,
): void {
  switch (type) {
    case 67: // CommandComplete
      complete(operation, carrier, bytes.toString('latin1', from, to - 1));
      break;
    case 73: // EmptyQueryResponse, in place of it
      complete(operation, carrier, '');
      break;
    case 84: // RowDescription
      if (operation.described === null) operation.described = { fields: null };
      operation.described.fields = readFields(bytes, from);
      break;
    case 49: // ParseComplete
      operation.hasPrepared = true;
      break;
    case 115: // PortalSuspended
      operation.suspended(monotonicMs());
      break;
    case 71: // CopyInResponse
      if (!operation.copyInBegins(carrier)) endCopyIn(operation, carrier);
      break;
    case 72: // CopyOutResponse
      if (!operation.copyOutBegins()) operation.misuse = nobodyTakes;
      break;
    case 100: // CopyData
      operation.copyOutPiece(Buffer.from(bytes.subarray(from, to)), carrier);
      break;
    case 87: // CopyBothResponse, of replication only
      operation.misuse = nobodyTakes;
      carrier.giveUp(nobodyTakes);
      break;
  }
}

function complete(operation: Operation, carrier: Carrier, tag: string): void {
  operation.completed(tag);
  if (operation.takeSync()) carrier.transmit(operation, (writer) => writer.sync());
}

/** The server waits for rows that nobody has, for ever: it is told so. */
function endCopyIn(operation: Operation, carrier: Carrier): void {
  operation.misuse = nobodySends;
  if (carrier.hasMoreBehind) {
    // It has taken what was sent behind it for rows, or will: whose answers would come next is anybody's guess.
    carrier.giveUp(nobodySends);
    return;
  }
  carrier.transmit(operation, (writer) => {
    writer.copyFail(nobodySends.message);
    if (operation.mustSyncAgain) writer.sync();
  });
}

const nobodySends = failureOf(
  'copy_misused',
  'COPY ... FROM STDIN needs rows, once per call: use sql.copyFrom with a single COPY',
);
const nobodyTakes = failureOf('copy_misused', 'COPY ... TO STDOUT gives no rows of a result: use sql.copyTo');
