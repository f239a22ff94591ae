// Odds ratios on a logarithmic axis with 1 on it, and how they are written so that they line up.

/** An odds ratio with its 95% interval; how many selected and how many other rows it counts. */
export interface Odds {
  odds_ratio: number;
  low: number;
  high: number;
  n_in: number;
  n_out: number;
}

export interface LogScale {
  low: number;
  high: number;
  ticks: number[];
  /** Share of the axis, 0 to 1; what lies beyond it stands at its end. */
  at(value: number): number;
}

const LEAST = 1 / 128;
const MOST = 128;
const MOST_TICKS = 7;

const good = (value: number): boolean => Number.isFinite(value) && value > 0;

/** One axis for all lists of a panel: it covers the ratios, and their intervals within reason. */
export function oddsScale(all: Odds[]): LogScale {
  const known = all.filter(({ odds_ratio }) => good(odds_ratio));
  const inside = (value: number) => Math.min(MOST, Math.max(LEAST, value));
  const ends = known.flatMap(({ odds_ratio, low, high }) => [odds_ratio, low, high].filter(good).map(inside));
  const down = Math.min(-1, Math.floor(Math.log2(Math.min(1, ...ends)) + 1e-9));
  const up = Math.max(1, Math.ceil(Math.log2(Math.max(1, ...ends)) - 1e-9));
  const step = [1, 2, 3, 4].find((size) => Math.floor(-down / size) + Math.floor(up / size) + 1 <= MOST_TICKS) ?? 4;
  const ticks: number[] = [];
  for (let k = -Math.floor(-down / step); k <= Math.floor(up / step); k++) ticks.push(2 ** (k * step));
  const share = (value: number) => (Math.log2(value) - down) / (up - down);
  return {
    low: 2 ** down,
    high: 2 ** up,
    ticks,
    at: (value) => (good(value) ? Math.min(1, Math.max(0, share(value))) : value > 0 ? 1 : 0),
  };
}

/** Two decimals always, so that the points stand under each other. */
export function formatOdds(value: number): string {
  if (!(value >= 0)) return "–";
  if (value >= 999.5) return ">1,000";
  return value > 0 && value < 0.01 ? "<0.01" : value.toFixed(value < 99.995 ? 2 : 0);
}

/** A tick: 1/8 is easier to read than 0.125. */
export const formatTick = (value: number): string => (value < 1 ? `1/${Math.round(1 / value)}` : String(value));

/** Whether the interval leaves 1 out. */
export const isApart = ({ low, high }: Odds): boolean => low > 1 || high < 1;
