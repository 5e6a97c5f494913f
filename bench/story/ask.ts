/** One picture of the set; sizes in bytes and pixels (of the prepared one). */
export interface Picture {
  originalBytes: number;
  preparedBytes: number;
  width: number;
  height: number;
}
export type Ask = (picture: Picture) => Promise<{ ok: boolean; calls: number; usd: number }>;
