import { Stamped } from '../exposure.ts';

/** A view that keeps what its memory depends on: an `Rc` is released when nothing holds it. */
class Keeping extends Stamped<ArrayBufferView> {
  readonly #kept: ArrayBufferView;

  constructor(view: ArrayBufferView, kept: ArrayBufferView) {
    super(view);
    this.#kept = kept;
  }

  static keptBy(view: object): ArrayBufferView | undefined {
    return #kept in view ? view.#kept : undefined;
  }
}

/** Makes a view keep another one; returns it. */
export function keeping<V extends ArrayBufferView>(view: V, kept: ArrayBufferView): V {
  if (Keeping.keptBy(view) !== kept) new Keeping(view, kept);
  return view;
}
