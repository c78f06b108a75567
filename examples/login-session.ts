// Users who log in once and keep a token in their session. The client keeps their cookies.
import { defineSuite } from 'plimsoll';

export default defineSuite({
  name: 'login-session',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    member: {
      thinkTime: '50ms',
      // Runs once per virtual user, before its first iteration.
      async onStart({ http, session, vu }) {
        const response = await http.post('/login', { json: { user: `user-${vu.id}` } });
        session.token = response.json<{ token: string }>().token;
      },
      // Runs once per virtual user, after its last iteration.
      async onStop({ http, session }) {
        await http.post('/logout', { auth: { bearer: session.token } });
      },
      tasks: {
        profile: {
          async run({ http, check, session, vu }) {
            const response = await http.get('/profile', { auth: { bearer: session.token } });
            check(response, {
              'status is 200': (r) => r.status === 200,
              // The server identifies the user by the cookie from /login, which the client sends with each request.
              'it is my own': (r) => r.json<{ user: string }>().user === `user-${vu.id}`,
            });
          },
        },
      },
    },
  },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 4, rampUp: '1s', duration: '10s' },
  },
  thresholds: { checks: ['rate==1'] },
});
