/** The body of an error as Google's APIs answer it (https://cloud.google.com/apis/design/errors). */
export const error = (code: number, message: string, details: object[] = [], status = 'X') => ({
  error: { code, message, status, details },
});

export const retryInfo = (retryDelay: string) => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
});

export const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});
