/** Keeps each item once and numbers items from 1, as the tables of a profile do. */
export class InternTable<T> {
  readonly items: T[] = [];
  private readonly ids = new Map<string, number>();

  /** Returns the id of the item with `key`. Adds what `make` returns when there is no such item. */
  intern(key: string, make: (id: number) => T): number {
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.items.length + 1;
      this.ids.set(key, id);
      this.items.push(make(id));
    }
    return id;
  }
}
