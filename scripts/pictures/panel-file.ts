/** A dashboard as it is in its file, as far as the pictures look at it. */

export type Threshold = { readonly value: number | null; readonly color: string };

export type QueryFile = {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
};

export type FieldConfig = {
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  readonly noValue?: string;
  readonly thresholds?: { readonly steps: readonly Threshold[] };
  readonly custom?: {
    readonly fillOpacity?: number;
    readonly thresholdsStyle?: { readonly mode: string };
    readonly stacking?: { readonly mode: string };
  };
};

export type Override = {
  readonly matcher: { readonly id: string; readonly options?: string };
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
};

export type PanelFile = {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly QueryFile[];
  readonly timeFrom?: string;
  readonly options?: {
    readonly colorMode?: string;
    readonly legend?: { readonly displayMode?: string };
    readonly sortBy?: readonly { readonly displayName: string; readonly desc?: boolean }[];
    readonly yAxis?: { readonly unit?: string };
    readonly color?: { readonly exponent?: number };
  };
  readonly transformations?: readonly { readonly id: string; readonly options: Organize }[];
  readonly fieldConfig?: { readonly defaults: FieldConfig; readonly overrides: readonly Override[] };
};

/** Options of the transformation `organize`, by name of the field. */
export type Organize = {
  readonly excludeByName?: Readonly<Record<string, boolean>>;
  readonly indexByName?: Readonly<Record<string, number>>;
  readonly renameByName?: Readonly<Record<string, string>>;
};

export type DashboardFile = {
  readonly uid: string;
  readonly title: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly label?: string; readonly type: string }[];
  };
  readonly panels: readonly PanelFile[];
};

/** From `now` to one of the forms that the dashboards use: `now-6h`, or `now/d`, the midnight before in UTC. In milliseconds. */
export function fromMillis(from: string, nowMillis: number): number {
  if (from === "now/d") return nowMillis - (nowMillis % 86_400_000);
  const [, count, unit] = /^now-(\d+)([mhd])$/.exec(from) ?? [];
  const unitMillis = { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ""];
  if (unitMillis === undefined) throw new RangeError(`expected now-6h or now/d, got "${from}"`);
  return nowMillis - Number(count) * unitMillis;
}
