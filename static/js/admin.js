'use strict';

// Select2 puts its own fields in place of a select and gives them no name: take the select's.
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

  // The button that empties a whole list would break the list, and is too easily hit.
  for (const select of document.querySelectorAll('select.admin-autocomplete[multiple]')) {
    select.dataset.allowClear = 'false';
  }
  // Django's own script has asked to be called first.
  django.jQuery(() => nameFields(document));
  document.addEventListener('formset:added', (event) => nameFields(event.target));
}
