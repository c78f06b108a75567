import { expect, test } from 'vitest';
import { isSecretName, isSecretParameter, isSecretVariable } from './secret-names.ts';

test.each([
  ...[
    'password',
    'PGPASSWORD',
    'db_password',
    'passwordConfirmation',
    'password2',
    'DB_PASS',
    'pwd',
    'SMTP_PW',
  ],
  ...[
    'token',
    'accessToken',
    'access_token',
    'X-Auth-Token',
    'csrftoken',
    'idToken',
    'id_token',
    'jwt',
    'GITHUB_TOKEN',
  ],
  ...[
    'apiKey',
    'api_key',
    'APIKEY',
    'x-api-key',
    'Ocp-Apim-Subscription-Key',
    'x-functions-key',
    'privateKey',
  ],
  ...[
    'authorization',
    'Proxy-Authorization',
    'cookie',
    'Set-Cookie',
    'x-auth',
    'sig',
    'signature',
    'sessionId',
  ],
  ...[
    'client_secret',
    'SECRET_KEY_BASE',
    'passwordOfUser',
    'x-rapidapi-key',
    'AWS_SECRET_ACCESS_KEY',
    'secret',
    'credentials',
    'SharedAccessKey',
    'bearer',
    'auth_code',
    'secretkey',
    'AWSAccessKey',
    'ConnectionString',
    'requirepass',
    'SAMLResponse',
    'mfaCode',
    'pass',
  ],
])('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  ...[
    'tokens',
    'max_tokens',
    'token_type',
    'tokenizer',
    'password_policy',
    'passes',
    'pass_rate',
    'passes',
    'country_code',
    'key',
    'primaryKey',
  ],
  ...[
    'idempotency-key',
    'Sec-WebSocket-Key',
    'monkey',
    'author',
    'signal',
    'cookies',
    'keys',
    'secretary',
    'userId',
  ],
  ...[
    '',
    '1',
    'status_code',
    'constructor',
    '__proto__',
    'threshold',
    'bearer_count',
    'secret_name',
    'passwordMinLength',
    'turkey',
    'time_to_first_token',
    'gen_ai.server.time_per_output_token',
  ],
])('%s names none', (name) => {
  expect(isSecretName(name)).toBe(false);
});

test('in a query a bare key is a secret', () => {
  expect(isSecretParameter('key')).toBe(true);
  expect(isSecretParameter('page')).toBe(false);
});

test('among variables any key is a secret', () => {
  for (const name of ['STRIPE_KEY', 'APP_CREDS', 'SENTRY_DSN', 'GITHUB_TOKEN'])
    expect(isSecretVariable(name)).toBe(true);
  for (const name of ['PUBLIC_KEY', 'JWT_PUBLIC_KEY', 'HOME', 'KEYBOARD'])
    expect(isSecretVariable(name)).toBe(false);
});
