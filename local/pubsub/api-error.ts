/** A refusal in the words and codes of Google's REST APIs (google.rpc.Status). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly httpStatus: number;
  readonly status: 'INVALID_ARGUMENT' | 'NOT_FOUND' | 'FAILED_PRECONDITION' | 'UNAVAILABLE' | 'INTERNAL';

  constructor(httpStatus: number, status: ApiError['status'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.httpStatus = httpStatus;
    this.status = status;
  }

  toJSON() {
    return { error: { code: this.httpStatus, message: this.message, status: this.status } };
  }
}

export const invalidArgument = (message: string): ApiError => new ApiError(400, 'INVALID_ARGUMENT', message);

/** Names what exists, so that a typo shows at once. */
export const notFound = (path: string, known: Iterable<string>): ApiError =>
  new ApiError(
    404,
    'NOT_FOUND',
    `Resource not found (resource=${path}). This server knows: ${[...known].join(', ') || 'none'}.`,
  );
