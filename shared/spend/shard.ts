/** Where one instance books what it spent on a day: nobody else writes there, so nothing contends. */
export const shardPath = (day: string, owner: string): string => `${shardsOf(day)}/${owner}`;

export const shardsOf = (day: string): string => `spend/pipeline_${day}/shards`;
