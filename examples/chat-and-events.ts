// Users who chat over WebSockets, and users who listen to Server-Sent Events.
import { defineSuite, type WebSocketConnection } from 'plimsoll';

export default defineSuite({
  name: 'chat-and-events',
  baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  users: {
    chatter: {
      weight: 2,
      thinkTime: '50ms',
      // A socket in the session stays open across iterations, until the virtual user stops.
      async onStart({ ws, session, vu }) {
        session.socket = await ws.connect('/chat', { params: { user: vu.id }, throw: true });
      },
      tasks: {
        talk: {
          async run({ session, check, iteration }) {
            const socket = session.socket as WebSocketConnection;
            // Measures the round trip to the first matching message. Other messages stay in the queue.
            const reply = await socket.request(
              JSON.stringify({ id: iteration, text: 'hello' }),
              (message) => message.json<{ id: number }>().id === iteration,
              { timeout: '5s' },
            );
            check(reply, { 'was answered': (message) => message !== null });
          },
        },
      },
    },
    listener: {
      tasks: {
        listen: {
          async run({ sse, check }) {
            const stream = await sse.connect('/events');
            let count = 0;
            // The loop ends with the stream; `stream.close()` would end it earlier.
            for await (const event of stream) if (event.type === 'price') count++;
            check(stream, { 'ended in order': ({ ok, error }) => ok && error === null });
            check(count, { 'told some prices': (prices) => prices > 0 });
          },
        },
      },
    },
  },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 6, duration: '10s', gracefulStop: '5s' },
  },
  thresholds: {
    checks: ['rate==1'],
    ws_session_failed: ['rate<0.01'],
    sse_session_failed: ['rate<0.01'],
    ws_request_duration: ['p(95)<200'],
    sse_time_to_first_event: ['p(95)<500'],
  },
});
