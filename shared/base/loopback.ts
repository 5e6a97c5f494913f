/** Names of this machine that never leave it. */
export const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
