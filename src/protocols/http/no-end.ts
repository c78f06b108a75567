// The limit in time of requests whose answers have no end of their own, as those of event streams.

export const noEndMs = Number.MAX_SAFE_INTEGER;
