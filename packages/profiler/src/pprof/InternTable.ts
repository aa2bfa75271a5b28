/** Items with ids from 1, each there once. */
export class InternTable<T> {
  readonly items: T[] = [];
  private readonly ids = new Map<string, number>();

  /** The id of the item that goes by `key`. Makes it when there is none. */
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
