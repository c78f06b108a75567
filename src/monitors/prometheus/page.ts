// Fetches a Prometheus page and reads it in whichever format it comes. Called by the monitors `prometheus` and `host`
// (of another machine).

import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../model/errors.ts';
import type { MonitorSecret } from '../../model/monitor-settings.ts';
import type { Dialer } from '../../network/dialer.ts';
import { createHttpClient, type HttpAnswer } from '../http-client.ts';
import { namesOnPage, parseExposition } from './exposition.ts';
import type { Metrics } from './metric.ts';
import { namesOnProtobufPage, parseProtobufPage } from './protobuf-page.ts';

const maxPageBytes = 16 * 2 ** 20;

const textFormats =
  'application/openmetrics-text;version=1.0.0;q=0.8, text/plain;version=0.0.4;q=0.6, */*;q=0.1';
const protobufFormat =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

export interface PrometheusPage {
  readonly metrics: Metrics;
  /** All names on the page, for suggestions. */
  names(): ReadonlySet<string>;
}

export interface PageReader {
  /** Rejects, without secrets, when the page cannot be had or is none. */
  read(signal: AbortSignal): Promise<PrometheusPage>;
  close(): void;
}

export interface PageOptions {
  readonly url: string;
  readonly secret: MonitorSecret | undefined;
  /** Names of metrics or of their samples; all others are skipped. */
  readonly wanted: ReadonlySet<string>;
  /** Asks for the protobuf format first, since only that has native histograms. */
  readonly preferNative: boolean;
  readonly dialer?: Dialer | undefined;
}

export function createPageReader({ url, secret, wanted, preferNative, dialer }: PageOptions): PageReader {
  const client = createHttpClient({ url, secret, keepAlive: true, maxBodyBytes: maxPageBytes, dialer });
  const accept = preferNative ? `${protobufFormat}, ${textFormats}` : textFormats;
  return {
    async read(signal) {
      const answer = await client.send({ headers: { accept } }, signal);
      try {
        return parsePage(answer, wanted);
      } catch (error) {
        throw new Error(client.withoutSecrets(`the page at ${url} cannot be read: ${messageOf(error)}`), {
          cause: error,
        });
      }
    },
    close: () => client.close(),
  };
}

function parsePage(
  { status, contentType, contentTypeHeader, body }: HttpAnswer,
  wanted: ReadonlySet<string>,
): PrometheusPage {
  if (status !== 200) throw new Error(`the server answered ${status}`);
  switch (contentType) {
    case 'application/vnd.google.protobuf':
      if (/encoding=(?!"?delimited)/.test(contentTypeHeader))
        throw new Error(`it came as ${contentTypeHeader}`);
      return { metrics: parseProtobufPage(body, wanted), names: () => namesOnProtobufPage(body) };
    case 'text/html':
    case 'application/json':
      throw new Error(`it is ${contentType}, and no page in Prometheus format`);
    default: {
      if (!isUtf8(body)) throw new Error('it is not UTF-8 text');
      const text = body.toString('utf8');
      const openMetrics = contentType === 'application/openmetrics-text';
      return { metrics: parseExposition(text, { openMetrics, wanted }), names: () => namesOnPage(text) };
    }
  }
}
