// One tip for the whole page, which stays within the window. Marks in charts tell what they stand for by it.

export interface Tip {
  /** The mark shows this text while it has the pointer or the focus. */
  tell(mark: HTMLElement, text: string): void;
  /** The marks inside are about to go. */
  leave(place: HTMLElement): void;
}

export function createTip(): Tip {
  const root = document.documentElement;
  const box = document.createElement('div');
  box.className = 'tip';
  box.hidden = true;
  document.body.appendChild(box);
  let told: HTMLElement | null = null;
  const hide = (): void => {
    box.hidden = true;
    told = null;
  };
  const place = (): void => {
    if (told === null) return;
    const at = told.getBoundingClientRect();
    const left = Math.min(
      at.left + at.width / 2 - box.offsetWidth / 2,
      root.clientWidth - box.offsetWidth - 8,
    );
    const above = at.top - box.offsetHeight - 6;
    box.style.left = `${Math.max(8, left)}px`;
    box.style.top = `${above < 8 ? at.bottom + 6 : above}px`;
  };
  const show = (mark: HTMLElement, text: string): void => {
    told = mark;
    box.textContent = text;
    box.hidden = false;
    place();
  };
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
  // A mark that takes the focus may make the page scroll.
  addEventListener('scroll', place, { passive: true });
  return {
    tell(mark, text) {
      mark.addEventListener('mouseenter', () => show(mark, text));
      mark.addEventListener('mouseleave', hide);
      mark.addEventListener('focus', () => show(mark, text));
      mark.addEventListener('blur', hide);
    },
    leave(place) {
      if (told !== null && place.contains(told)) hide();
    },
  };
}
