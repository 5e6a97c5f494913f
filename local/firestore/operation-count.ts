/** Document reads and writes since the start, counted as Firestore bills them. */
export interface OperationCount {
  reads: number;
  writes: number;
}
