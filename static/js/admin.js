'use strict';

// Select2 replaces a select by fields of its own that have no accessible name, so the script gives
// them the name of the select.
{
  const nameFields = (root) => {
    for (const select of root.querySelectorAll('select.admin-autocomplete')) {
      const label = select.labels[0];
      const name = select.getAttribute('aria-label') || (label && label.textContent.replace(/:\s*$/, ''));
      const shown = select.nextElementSibling;
      if (name && shown && shown.classList.contains('select2')) {
        for (const field of shown.querySelectorAll('[role="combobox"], [role="textbox"], input')) {
          field.setAttribute('aria-label', name);
        }
      }
    }
  };

  // Select2's button that clears a whole list is switched off: it breaks the layout of the list and
  // is easily pressed by mistake.
  for (const select of document.querySelectorAll('select.admin-autocomplete[multiple]')) {
    select.dataset.allowClear = 'false';
  }
  // Django's own script has registered with jQuery before, so Select2 is there when this one runs.
  django.jQuery(() => nameFields(document));
  document.addEventListener('formset:added', (event) => nameFields(event.target));
}
