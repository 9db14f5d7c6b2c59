/** The places of one upstream, and who waits for one (CC-1). Pure: time and metrics are the stage's. */

/** One who waits. A node of its line, so that it leaves at no cost. */
export class Waiter {
  /** Called once, when it has a place. */
  readonly granted: () => void;
  /** Since when it waits, counted over all lines of the upstream. */
  readonly number: number;
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;

  constructor(granted: () => void, number: number) {
    this.granted = granted;
    this.number = number;
  }
}

/** A further bound on who is let in; it counts by itself. */
export interface Bound {
  hasRoom(limit: number): boolean;
  take(): void;
}

/**
 * What all routes to one upstream share. Each route has a line with numbers of its own: it takes a place only while fewer than its own
 * limit are taken, by whomever. A free place goes to whoever waits longest of those whose limit allows it.
 */
export class Places {
  #taken = 0;
  /** How many have come to wait so far. */
  #waited = 0;
  /** Those in which somebody waits. */
  readonly #lines: Line[] = [];

  /** Places in use. */
  get taken(): number {
    return this.#taken;
  }

  /** `limit`: places; `queue`: how many may wait in this line. A reload makes a new line; in the old one stands who stood in it. */
  line(limit: number, queue: number, bound: Bound | undefined): Line {
    return new Line(this, limit, queue, bound);
  }

  /** Gives one back; it goes on to who waits for it. */
  release(): void {
    this.#taken -= 1;
    this.serve();
  }

  /** Lets in who may come in now. To be called when a bound has become wider. */
  serve(): void {
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      const waiter = line.shift();
      line.take();
      waiter.granted();
    }
  }

  #next(): Line | undefined {
    let next: Line | undefined;
    for (const line of this.#lines) {
      if (line.hasRoom && (next === undefined || line.oldest < next.oldest)) next = line;
    }
    return next;
  }

  /** For its lines alone. */
  add(): void {
    this.#taken += 1;
  }

  /** For its lines alone. */
  number(): number {
    this.#waited += 1;
    return this.#waited;
  }

  /** For its lines alone: somebody waits in it, or nobody any more. */
  waitsIn(line: Line): void {
    this.#lines.push(line);
  }

  /** For its lines alone. */
  emptied(line: Line): void {
    this.#lines.splice(this.#lines.indexOf(line), 1);
  }
}

/** First come, first served. */
export class Line {
  readonly #places: Places;
  readonly #limit: number;
  readonly #queue: number;
  readonly #bound: Bound | undefined;
  #first: Waiter | undefined = undefined;
  #last: Waiter | undefined = undefined;
  #length = 0;

  constructor(places: Places, limit: number, queue: number, bound: Bound | undefined) {
    this.#places = places;
    this.#limit = limit;
    this.#queue = queue;
    this.#bound = bound;
  }

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Whether a place could be taken now. */
  get hasRoom(): boolean {
    return this.#places.taken < this.#limit && (this.#bound === undefined || this.#bound.hasRoom(this.#limit));
  }

  /** Number of who waits longest; there is one. */
  get oldest(): number {
    return (this.#first as Waiter).number;
  }

  /** A place for one who has just come. False: it has to wait. */
  enter(): boolean {
    if (this.#first !== undefined || !this.hasRoom) return false;
    this.take();
    return true;
  }

  /** To be called only where there is room. */
  take(): void {
    this.#places.add();
    this.#bound?.take();
  }

  /** Undefined: the line is full. */
  wait(granted: () => void): Waiter | undefined {
    if (this.#length >= this.#queue) return undefined;
    const waiter = new Waiter(granted, this.#places.number());
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    this.#length += 1;
    if (this.#length === 1) this.#places.waitsIn(this);
    return waiter;
  }

  /** Who waits longest; there is one. */
  shift(): Waiter {
    const first = this.#first as Waiter;
    this.leave(first);
    return first;
  }

  /** It waits no longer; to be called only for one that does. */
  leave(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    this.#length -= 1;
    if (this.#length === 0) this.#places.emptied(this);
  }
}
