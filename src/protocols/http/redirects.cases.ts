// Servers that redirect, for the tests of redirects and of where they lead.

import type http from 'node:http';
import { type Client, serve } from './keeping-client.cases.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Answers `/to/<status>/<location>` with that redirect, all else with what it saw. */
export async function serveRedirects(
  more: Readonly<Record<string, string | string[]>> = {},
): Promise<string> {
  return serve((request, response) => {
    const [, , status, location] = /^(\/to\/(\d+)\/(.*))$/.exec(request.url!) ?? [];
    if (status !== undefined) {
      response.writeHead(Number(status), { ...more, location: decodeURIComponent(location!) }).end('moved');
      return;
    }
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body }));
    });
  });
}

export function to(status: number, location: string): string {
  return `/to/${status}/${encodeURIComponent(location)}`;
}

export function failed({ meter }: Client): number {
  return meter.values('http_req_failed').reduce((sum, value) => sum + value, 0);
}
