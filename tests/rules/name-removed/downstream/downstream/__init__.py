from downstream.filters import do_markup
