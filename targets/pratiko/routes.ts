// How routes of the PratikoAI system are made: for everybody, for users, for admins. Called by api.ts and the files of
// routes.

import type { ApiRequest, Reply, Route } from '../../src/target-kit/http-routing.ts';
import type { Logins } from './login.ts';

type Answer = Reply | Promise<Reply>;

interface Extras extends Partial<Pick<Route, 'limited' | 'reads'>> {}

export interface RouteMaker {
  forAll(method: Route['method'], path: string, run: Route['run'], extras?: Extras): Route;
  forUser(
    method: Route['method'],
    path: string,
    run: (userId: number, request: ApiRequest) => Answer,
    extras?: Extras,
  ): Route;
  forAdmin(method: Route['method'], path: string, run: Route['run'], extras?: Extras): Route;
}

export function createRouteMaker(logins: Logins): RouteMaker {
  return {
    forAll: (method, path, run, extras) => ({ method, path, run, limited: true, ...extras }),
    forUser: (method, path, run, extras) => ({
      method,
      path,
      limited: true,
      authorize: (headers) => {
        logins.userOf(headers);
      },
      run: (request) => run(logins.userOf(request.headers), request),
      ...extras,
    }),
    forAdmin: (method, path, run, extras) => ({
      method,
      path,
      limited: true,
      authorize: (headers) => logins.checkAdmin(headers),
      run,
      ...extras,
    }),
  };
}

export const ok = (body: unknown): Reply => ({ status: 200, body });
