// When the runs of a suite are due, as data: `plimsoll schedule` writes them down for whatever starts them.

/** Runs that are due again and again, or when a release is tagged. */
export interface ScheduleDefinition {
  /** `every day at 02:00`, `every Sunday at 02:00`, `first Monday of the month at 02:00`, `last day of the quarter at 09:00`. */
  readonly when?: string;
  /** Of `when`; `UTC` when absent. */
  readonly timeZone?: string;
  /** Tags of releases whose push starts the run, such as `v*-rc*`. */
  readonly onTags?: readonly string[];
  /** Profiles by name, or all of the suite. */
  readonly profiles: readonly string[] | 'all';
  /** Environment of the suite. */
  readonly environment?: string;
  /** Further flags of `plimsoll run`, such as `--compare-baseline`; `{date}` stands for the day of the run. */
  readonly flags?: readonly string[];
  /** Why, in a sentence. */
  readonly purpose?: string;
  /** What people do with the results, as a list. */
  readonly review?: readonly string[];
}

export type Weekday = 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday' | 'Sunday';

/** A time that comes again. */
export interface ScheduleTime {
  readonly hour: number;
  readonly minute: number;
  readonly day:
    | { readonly kind: 'every' }
    | { readonly kind: 'weekday'; readonly weekday: Weekday }
    /** The first to fourth such day of a month. */
    | { readonly kind: 'nth'; readonly nth: 1 | 2 | 3 | 4; readonly weekday: Weekday }
    | { readonly kind: 'of month'; readonly day: number }
    | { readonly kind: 'last' };
  /** Months in which it comes, 1 to 12; all of them when absent. */
  readonly months?: readonly number[];
}
