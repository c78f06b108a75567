import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

const known = ['http_reqs', 'http_req_duration', 'http_req_failed', 'vus', 'iterations'];

describe('nearestName', () => {
  it.each([
    ['http_req_durations', 'http_req_duration'],
    ['http_req_duratoin', 'http_req_duration'],
    ['http_request_duration', 'http_req_duration'],
    ['HTTP_REQS', 'http_reqs'],
    ['vu', 'vus'],
    ['suv', undefined],
    ['cache_hits', undefined],
  ])('for %s suggests %s', (name, expected) => {
    expect(nearestName(name, known)).toBe(expected);
  });
});
