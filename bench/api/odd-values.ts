export const ODD_TEXTS = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    'undefined',
    'true',
    '[object Object]',
    '__proto__',
    'constructor',
  ],
  ...[
    '../../etc/passwd',
    '..%2f..%2f',
    '%00',
    '%',
    '%E0%A4%A',
    '%ff',
    "' OR 1=1 --",
    '<script>alert(1)</script>',
  ],
  ...[
    '{{7*7}}',
    '$' + '{jndi:ldap://x}',
    'a'.repeat(300),
    'é'.repeat(200),
    '\u202egnp.exe',
    '🦊',
    '冬',
    '2026-13-45',
  ],
  ...[
    '2026-11-20T00:00:00Z',
    'completed',
    'inventory',
    'describe',
    'f'.repeat(32),
    '0'.repeat(32),
    '__name__',
  ],
  ...[
    'https://169.254.169.254/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'results/x',
    'a/b/c',
    '.',
    '..',
  ],
];

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

export const CONTENT_TYPES = [
  ...['application/json', 'application/json; charset=utf-16', 'image/jpeg', 'image/svg+xml', 'text/html', ''],
  ...['multipart/form-data', 'multipart/form-data; boundary=x', 'multipart/form-data; boundary=', 'x/y; z'],
  ...['application/octet-stream', 'application/x-www-form-urlencoded', 'application/cloudevents+json'],
];

export const HEADERS = [
  ...[
    'Authorization',
    'X-Serverless-Authorization',
    'Idempotency-Key',
    'Last-Event-ID',
    'If-None-Match',
    'Origin',
  ],
  ...[
    'Content-Encoding',
    'Accept-Encoding',
    'X-Forwarded-For',
    'X-HTTP-Method-Override',
    'Range',
    'Cookie',
    'ce-type',
  ],
  ...[
    'Access-Control-Request-Method',
    'X-Cloud-Trace-Context',
    'Expect-CT',
    'Forwarded',
    'Sec-Fetch-Site',
    'Accept',
  ],
];

export const FIELDS = [
  'profile',
  'uploader',
  'refresh',
  'webhook',
  'name',
  'wait',
  'limit',
  'status',
  'from',
  'cursor',
  'days',
  'v',
];

export const JSON_FIELDS = [
  'verdict',
  'fields',
  'note',
  'anew',
  'contentType',
  'fileName',
  'bytes',
  'profile',
  'webhook',
  '__proto__',
];

/** Bodies that are right, so that some requests come far. */
export const RIGHT_BODIES: readonly Readonly<Record<string, unknown>>[] = [
  { verdict: 'right' },
  { verdict: 'wrong', note: 'blurred' },
  { verdict: 'corrected', fields: { shelfId: 'A-08' } },
  { verdict: 'corrected', fields: { items: [{ sku: '1', quantity: -1, condition: 'old' }] } },
  { contentType: 'image/jpeg', fileName: 'a.jpg', bytes: 1_000 },
  { contentType: 'image/png', profile: 'inventory', webhook: 'https://example.com/' },
  { anew: true },
  {},
];
